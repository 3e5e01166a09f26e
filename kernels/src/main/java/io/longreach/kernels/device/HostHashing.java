package io.longreach.kernels.device;

import io.longreach.kernels.device.AttentionInput.View;
import io.longreach.kernels.plan.AttentionSchedule;
import io.longreach.kernels.plan.LshBuckets;
import io.longreach.kernels.plan.LshDocument;
import io.longreach.kernels.plan.LshSchedule;

/** Plans LSH attention from rows copied to the host, hashed one by one. */
final class HostHashing {
  private final Device device;
  private final View view;
  private final int firstRow;
  private final LshDocument document;

  /** All heads' rows, copied when the first head asks. */
  private float[] rows;

  private HostHashing(Device device, View view, int firstRow, LshDocument document) {
    this.device = device;
    this.view = view;
    this.firstRow = firstRow;
    this.document = document;
  }

  static AttentionSchedule schedule(
      Device device, AttentionInput input, int firstRow, LshDocument document) {
    HostHashing queries = new HostHashing(device, input.query(), firstRow, document);
    HostHashing keys = new HostHashing(device, input.key(), firstRow, document);
    LshBuckets hash = document.hash();
    return LshSchedule.of(
        document,
        hash,
        input.heads(),
        device.tiles(),
        head -> queries.buckets(hash, head, input.headDim()),
        head -> keys.buckets(hash, head, input.headDim()));
  }

  private int[] buckets(LshBuckets hash, int head, int headDim) {
    int tokens = document.tokens();
    if (rows == null) {
      rows = device.download(view.matrix(), firstRow, firstRow + tokens);
    }
    int offset = view.column() + head * headDim;
    return hash.of(rows, offset, view.matrix().columns(), tokens, head, document.valid());
  }
}
