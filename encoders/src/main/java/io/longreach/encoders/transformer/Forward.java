package io.longreach.encoders.transformer;

import io.longreach.kernels.device.Device;
import io.longreach.kernels.device.Matrix;
import java.util.HashMap;
import java.util.Map;

/** One pass of a batch through the layers: the documents and the matrices that layers share. */
public final class Forward {
  private final Device device;
  private final PackedDocuments documents;
  private final Map<Integer, Matrix> projections = new HashMap<>();

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

  /** Room for the projections of the layer at work: the next layer of that width overwrites it. */
  public Matrix projections(int columns) {
    return projections.computeIfAbsent(columns, this::allocate);
  }
}
