package io.longreach.encoders.transformer;

import io.longreach.kernels.device.AttentionInput;
import io.longreach.kernels.device.Device;
import io.longreach.kernels.device.Matrix;
import io.longreach.kernels.plan.FeatureMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** One pass of a batch through the layers: the documents and the matrices that layers share. */
public final class Forward {
  private final Device device;
  private final PackedDocuments documents;
  private final Map<String, Matrix> shared = new HashMap<>();
  private long attentionNanos;

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
