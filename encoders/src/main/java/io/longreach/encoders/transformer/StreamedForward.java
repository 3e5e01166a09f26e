package io.longreach.encoders.transformer;

import io.longreach.kernels.device.AttentionInput;
import io.longreach.kernels.device.Device;
import io.longreach.kernels.device.Matrix;
import io.longreach.kernels.pattern.PositionalPattern;
import io.longreach.kernels.plan.AttentionSchedule;
import io.longreach.kernels.plan.Schedules;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** One document's way through the layers by segments: what the layers share. */
public final class StreamedForward {
  private static final int MOST_SCHEDULES = 64;

  private final Device device;
  private final int segmentTokens;
  private final Map<String, Matrix> shared = new HashMap<>();
  private final Map<Slice, AttentionSchedule> schedules = new HashMap<>();
  private long attentionNanos;

  /** Rows of a segment with what it sees, and the queries wanted of them. */
  private record Slice(
      List<PositionalPattern> heads, int rows, BitSet valid, int firstQuery, int lastQuery) {}

  StreamedForward(Device device, int segmentTokens) {
    this.device = device;
    this.segmentTokens = segmentTokens;
  }

  Device device() {
    return device;
  }

  /** Most rows that go from layer to layer at a time. */
  int segmentTokens() {
    return segmentTokens;
  }

  /** A matrix that the layers share by name: whoever asks next overwrites it. */
  Matrix shared(String name, int rows, int columns) {
    String key = name + ' ' + columns;
    Matrix matrix = shared.get(key);
    if (matrix == null || matrix.rows() != rows) {
      matrix = device.allocate(rows, columns);
      shared.put(key, matrix);
    }
    return matrix;
  }

  /**
   * Layers and segments of one shape share their plans.
   *
   * @param valid rows that there are, null for all; not copied
   */
  AttentionSchedule schedule(
      List<PositionalPattern> heads, int rows, BitSet valid, int firstQuery, int lastQuery) {
    if (schedules.size() == MOST_SCHEDULES) {
      schedules.clear();
    }
    return schedules.computeIfAbsent(
        new Slice(heads, rows, valid, firstQuery, lastQuery),
        slice ->
            Schedules.queries(
                Schedules.of(heads, rows, device.tiles(), valid), firstQuery, lastQuery));
  }

  /** {@link Device#attention}, with the time it takes added up. */
  void attention(AttentionInput input, AttentionSchedule schedule, Matrix context) {
    long start = System.nanoTime();
    device.attention(input, 0, schedule, context, null);
    attentionNanos += System.nanoTime() - start;
  }

  long attentionNanos() {
    return attentionNanos;
  }
}
