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
        device.tiles(),
        () -> queries.buckets(hash, input.heads(), input.headDim()),
        () -> keys.buckets(hash, input.heads(), input.headDim()));
  }

  private int[][] buckets(LshBuckets hash, int heads, int headDim) {
    int tokens = document.tokens();
    int stride = view.matrix().columns();
    float[] rows = device.download(view.matrix(), firstRow, firstRow + tokens);
    int[][] buckets = new int[heads][];
    for (int head = 0; head < heads; head++) {
      int offset = view.column() + head * headDim;
      buckets[head] = hash.of(rows, offset, stride, tokens, head, document.valid());
    }
    return buckets;
  }
}
