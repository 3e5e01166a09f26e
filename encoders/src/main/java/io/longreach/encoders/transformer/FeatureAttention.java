package io.longreach.encoders.transformer;

import io.longreach.kernels.device.AttentionInput;
import io.longreach.kernels.device.AttentionInput.View;
import io.longreach.kernels.device.Device;
import io.longreach.kernels.device.Matrix;
import io.longreach.kernels.pattern.Performer;
import io.longreach.kernels.plan.FeatureMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;

/**
 * Linear attention of one layer by random features.
 *
 * <p>Projections that the checkpoint does not give are drawn once and kept. Linear attention has no
 * mask: tokens that are padding are left out before it.
 */
final class FeatureAttention {
  private final int layer;
  private final HeadShape shape;
  private final Map<Performer, FeatureMap> features;

  /**
   * @param given projections of the checkpoint, by the pattern that means them
   */
  FeatureAttention(int layer, HeadShape shape, Map<Performer, FeatureMap> given) {
    this.layer = layer;
    this.shape = shape;
    this.features = new ConcurrentHashMap<>(given);
  }

  /**
   * Writes the context of document {@code number}.
   *
   * @param qkv query, key and value side by side
   */
  void attend(Forward forward, Performer performer, Matrix qkv, int number, Matrix context) {
    FeatureMap map =
        features.computeIfAbsent(
            performer, pattern -> FeatureMap.draw(pattern, layer, shape.headDim()));
    Document document = forward.documents().document(number);
    int firstRow = forward.documents().firstRow(number);
    if (document.valid() == null) {
      forward.linearAttention(input(qkv), firstRow, document.tokens(), map, context);
      return;
    }
    Device device = forward.device();
    int[] rows = document.valid().stream().map(token -> firstRow + token).toArray();
    if (rows.length == 0) {
      return;
    }
    int[] places = IntStream.range(0, rows.length).toArray();
    Matrix valid = device.allocate(rows.length, qkv.columns());
    device.copyRows(qkv, rows, valid, places);
    Matrix validContext = device.allocate(rows.length, context.columns());
    forward.linearAttention(input(valid), 0, rows.length, map, validContext);
    device.copyRows(validContext, places, context, rows);
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
