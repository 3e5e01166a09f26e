package io.longreach.kernels.device;

import io.longreach.kernels.device.AttentionInput.View;
import io.longreach.kernels.plan.AttentionSchedule;
import io.longreach.kernels.plan.LshBuckets;
import io.longreach.kernels.plan.LshDocument;
import io.longreach.kernels.plan.LshSchedule;

/** Plans LSH attention from rows copied to the host, hashed one by one. */
final class HostHashing {
  private final Device device;
  private final int firstRow;
  private final int headDim;
  private final LshDocument document;

  private HostHashing(Device device, int firstRow, int headDim, LshDocument document) {
    this.device = device;
    this.firstRow = firstRow;
    this.headDim = headDim;
    this.document = document;
  }

  static AttentionSchedule schedule(
      Device device, AttentionInput input, int firstRow, LshDocument document) {
    HostHashing hashing = new HostHashing(device, firstRow, input.headDim(), document);
    LshBuckets hash = document.hash();
    return LshSchedule.of(
        document,
        hash,
        input.heads(),
        device.tiles(),
        head -> hashing.buckets(hash, input.query(), head),
        head -> hashing.buckets(hash, input.key(), head));
  }

  private int[] buckets(LshBuckets hash, View view, int head) {
    int tokens = document.tokens();
    float[] rows = device.download(view.matrix(), firstRow, firstRow + tokens);
    int offset = view.column() + head * headDim;
    return hash.of(rows, offset, view.matrix().columns(), tokens, head, document.valid());
  }
}
