package io.longreach.encoders.transformer;

import io.longreach.kernels.device.Activation;
import io.longreach.kernels.device.AttentionInput;
import io.longreach.kernels.device.AttentionInput.View;
import io.longreach.kernels.device.Device;
import io.longreach.kernels.device.Matrix;
import io.longreach.kernels.pattern.AttentionPattern;
import io.longreach.kernels.plan.AttentionSchedule;
import io.longreach.kernels.plan.Schedules;
import io.longreach.kernels.plan.TileShape;

/** Softmax attention over a pattern, with query, key and value from one linear layer. */
public final class PatternAttention implements AttentionLayer {
  private final int layer;
  private final Device.Linear projections;
  private final int heads;
  private final int headDim;
  private final LayerPatterns patterns;

  /**
   * @param projections {@code hidden -> 3 * heads * headDim}: query, key, value
   */
  public PatternAttention(
      int layer, Device.Linear projections, int heads, int headDim, LayerPatterns patterns) {
    this.layer = layer;
    this.projections = projections;
    this.heads = heads;
    this.headDim = headDim;
    this.patterns = patterns;
  }

  @Override
  public int contextColumns() {
    return heads * headDim;
  }

  @Override
  public void attend(Forward forward, Matrix in, Matrix context) {
    Device device = forward.device();
    Matrix qkv = forward.projections(3 * contextColumns());
    device.linear(in, projections, Activation.NONE, qkv);
    AttentionInput input = input(qkv);
    PackedDocuments documents = forward.documents();
    for (int d = 0; d < documents.size(); d++) {
      Document document = documents.document(d);
      AttentionPattern pattern = patterns.pattern(layer, document.tokens());
      AttentionSchedule schedule =
          Schedules.of(
              pattern, layer, heads, document.tokens(), TileShape.DEFAULT, document.valid());
      device.attention(input, documents.firstRow(d), schedule, context, null);
    }
  }

  private AttentionInput input(Matrix qkv) {
    return new AttentionInput(
        new View(qkv, 0),
        new View(qkv, contextColumns()),
        new View(qkv, 2 * contextColumns()),
        heads,
        headDim,
        (float) (1 / Math.sqrt(headDim)));
  }
}
