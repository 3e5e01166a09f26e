package io.longreach.kernels.device;

import io.longreach.kernels.device.AttentionInput.View;
import io.longreach.kernels.pattern.Lsh;
import io.longreach.kernels.plan.AttentionSchedule;
import io.longreach.kernels.plan.LshBuckets;
import io.longreach.kernels.plan.LshDocument;
import io.longreach.kernels.plan.LshSchedule;

/** Plans LSH attention from rows copied to the host: hashes, then sorts. */
final class HostHashing {
  private HostHashing() {}

  static AttentionSchedule schedule(
      Device device, AttentionInput input, int firstRow, LshDocument document) {
    Lsh lsh = document.lsh();
    int tokens = document.tokens();
    if (document.isWhole()) {
      int[][] unused = new int[1][];
      return new LshSchedule(lsh, null, unused, unused, tokens, device.tiles(), document.valid());
    }
    LshBuckets hash = new LshBuckets(lsh, tokens, document.rotations());
    Rows queries = Rows.of(device, input.query(), firstRow, tokens);
    int[][] queryBuckets = queries.buckets(hash, input, document);
    int[][] keyBuckets = queryBuckets;
    if (lsh.hashed() == Lsh.Hashed.SEPARATE) {
      boolean together = input.key().matrix() == input.query().matrix();
      Rows keys =
          together
              ? new Rows(queries.values(), input.key().column(), queries.stride())
              : Rows.of(device, input.key(), firstRow, tokens);
      keyBuckets = keys.buckets(hash, input, document);
    }
    return new LshSchedule(
        lsh, hash, queryBuckets, keyBuckets, tokens, device.tiles(), document.valid());
  }

  /** Row of token t at {@code offset + t * stride}, head by head. */
  private record Rows(float[] values, int offset, int stride) {

    static Rows of(Device device, View view, int firstRow, int tokens) {
      float[] values = device.download(view.matrix(), firstRow, firstRow + tokens);
      return new Rows(values, view.column(), view.matrix().columns());
    }

    int[][] buckets(LshBuckets hash, AttentionInput input, LshDocument document) {
      int[][] buckets = new int[input.heads()][];
      for (int head = 0; head < buckets.length; head++) {
        int first = offset + head * input.headDim();
        buckets[head] = hash.of(values, first, stride, document.tokens(), head, document.valid());
      }
      return buckets;
    }
  }
}
