package io.longreach.encoders.transformer;

import io.longreach.kernels.device.Activation;
import io.longreach.kernels.device.AttentionInput;
import io.longreach.kernels.device.AttentionInput.View;
import io.longreach.kernels.device.Device;
import io.longreach.kernels.device.Matrix;
import io.longreach.kernels.pattern.AttentionPattern;
import io.longreach.kernels.pattern.Dense;
import io.longreach.kernels.plan.AttentionSchedule;
import io.longreach.kernels.plan.Schedules;

/** Softmax attention over a positional pattern, with query, key and value from one linear layer. */
public final class PatternAttention implements AttentionLayer {
  private final int layer;
  private final HeadShape shape;
  private final Device.Linear projections;
  private final Device.Rotation rotation;
  private final DocumentPattern patterns;

  /**
   * @param projections {@code hidden -> 3 * heads * headDim}: query, key, value
   * @param rotation of queries and keys, null for none
   */
  public PatternAttention(
      int layer,
      HeadShape shape,
      Device.Linear projections,
      Device.Rotation rotation,
      DocumentPattern patterns) {
    this.layer = layer;
    this.shape = shape;
    this.projections = projections;
    this.rotation = rotation;
    this.patterns = patterns;
  }

  @Override
  public int contextColumns() {
    return shape.columns();
  }

  @Override
  public void attend(Forward forward, Matrix in, Matrix context) {
    Device device = forward.device();
    Matrix qkv = forward.shared("projections", projections.outputs());
    device.linear(in, projections, Activation.NONE, qkv);
    AttentionInput input = input(qkv);
    PackedDocuments documents = forward.documents();
    for (int d = 0; d < documents.size(); d++) {
      Document document = documents.document(d);
      int firstRow = documents.firstRow(d);
      if (rotation != null) {
        device.rotate(new View(qkv, 0), 2 * shape.heads(), rotation, firstRow, document.tokens());
      }
      forward.attention(input, firstRow, schedule(device, document), context);
    }
  }

  private AttentionSchedule schedule(Device device, Document document) {
    AttentionPattern pattern = patterns.of(document);
    if (pattern instanceof Dense && document.valid() != null) {
      return new DenseOverKeys(document.tokens(), document.valid());
    }
    return Schedules.of(
        pattern, layer, shape.heads(), document.tokens(), device.tiles(), document.valid());
  }

  private AttentionInput input(Matrix qkv) {
    return new AttentionInput(
        new View(qkv, 0),
        new View(qkv, shape.columns()),
        new View(qkv, 2 * shape.columns()),
        shape.heads(),
        shape.headDim(),
        shape.softmaxScale());
  }
}
