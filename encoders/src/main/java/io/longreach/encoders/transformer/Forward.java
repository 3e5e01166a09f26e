package io.longreach.encoders.transformer;

import io.longreach.kernels.device.AttentionInput;
import io.longreach.kernels.device.Device;
import io.longreach.kernels.device.Matrix;
import io.longreach.kernels.pattern.Global;
import io.longreach.kernels.pattern.PositionalPattern;
import io.longreach.kernels.plan.AttentionSchedule;
import io.longreach.kernels.plan.FeatureMap;
import io.longreach.kernels.plan.Schedules;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** One pass of a batch through the layers: the documents and the matrices that layers share. */
public final class Forward {
  /** Patterns that layers alternate between; those that differ from layer to layer are not kept. */
  private static final int KINDS_OF_LAYER = 3;

  private final Device device;
  private final PackedDocuments documents;
  private final Map<String, Matrix> shared = new HashMap<>();
  private final Map<ScheduleKey, AttentionSchedule> schedules =
      new LinkedHashMap<>(16, 0.75f, true);
  private long attentionNanos;

  /** What a schedule is made of. */
  private record ScheduleKey(Object attention, int tokens, BitSet valid) {}

  Forward(Device device, PackedDocuments documents) {
    this.device = device;
    this.documents = documents;
  }

  public Device device() {
    return device;
  }

  public PackedDocuments documents() {
    return documents;
  }

  Matrix allocate(int columns) {
    return device.allocate(documents.rows(), columns);
  }

  /** A matrix that the layers share by name: the next layer that asks for it overwrites it. */
  public Matrix shared(String name, int columns) {
    Matrix matrix = shared.get(name);
    if (matrix == null || matrix.columns() != columns) {
      matrix = allocate(columns);
      shared.put(name, matrix);
    }
    return matrix;
  }

  /** The same for rows that products and attention read next. */
  Matrix sharedOperand(String name, int columns) {
    Matrix matrix = shared.get(name);
    if (matrix == null || matrix.columns() != columns) {
      matrix = allocateOperand(columns);
      shared.put(name, matrix);
    }
    return matrix;
  }

  Matrix allocateOperand(int columns) {
    return device.allocateOperand(documents.rows(), columns);
  }

  /**
   * The schedule of patterns for each head of a document: one for all layers and documents that
   * attend alike, so that a device need not plan it again.
   */
  AttentionSchedule schedule(List<PositionalPattern> heads, Document document) {
    return schedule(
        heads,
        document,
        () -> Schedules.of(heads, document.tokens(), device.tiles(), document.valid()));
  }

  /** The same of the rows of global tokens alone. */
  AttentionSchedule globalRows(int[] globals, Document document) {
    return schedule(
        Global.of(globals),
        document,
        () -> Schedules.globalRows(globals, document.tokens(), device.tiles(), document.valid()));
  }

  private AttentionSchedule schedule(
      Object attention, Document document, Supplier<AttentionSchedule> make) {
    ScheduleKey key = new ScheduleKey(attention, document.tokens(), document.valid());
    AttentionSchedule schedule = schedules.computeIfAbsent(key, absent -> make.get());
    if (schedules.size() > KINDS_OF_LAYER * documents.size()) {
      schedules.remove(schedules.keySet().iterator().next());
    }
    return schedule;
  }

  /** {@link Device#attention} of many documents, with the time it takes added up. */
  void attention(AttentionInput input, List<Device.Placed> placed, Matrix context) {
    long start = System.nanoTime();
    device.attention(input, placed, context);
    attentionNanos += System.nanoTime() - start;
  }

  /** {@link Device#lshAttention} of many documents, with the time it takes added up. */
  void lshAttention(AttentionInput input, List<Device.PlacedLsh> documents, Matrix context) {
    long start = System.nanoTime();
    device.lshAttention(input, documents, context);
    attentionNanos += System.nanoTime() - start;
  }

  /** {@link Device#linearAttention} of many documents, with the time it takes added up. */
  void linearAttention(
      AttentionInput input,
      List<Device.PlacedRows> documents,
      FeatureMap features,
      Matrix context) {
    long start = System.nanoTime();
    device.linearAttention(input, documents, features, context);
    attentionNanos += System.nanoTime() - start;
  }

  long attentionNanos() {
    return attentionNanos;
  }
}
