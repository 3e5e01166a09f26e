package io.longreach.encoders.transformer;

import io.longreach.kernels.device.Device;
import io.longreach.kernels.device.Matrix;
import java.util.HashMap;
import java.util.Map;

/** One pass of a batch through the layers: the documents and the matrices that layers share. */
public final class Forward {
  private final Device device;
  private final PackedDocuments documents;
  private final Map<String, Matrix> shared = new HashMap<>();

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
}
