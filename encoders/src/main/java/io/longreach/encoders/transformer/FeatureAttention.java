package io.longreach.encoders.transformer;

import io.longreach.kernels.device.AttentionInput;
import io.longreach.kernels.device.AttentionInput.View;
import io.longreach.kernels.device.Device;
import io.longreach.kernels.device.Matrix;
import io.longreach.kernels.pattern.Performer;
import io.longreach.kernels.plan.FeatureMap;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
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
   * Writes the context of some documents of the batch.
   *
   * @param qkv query, key and value side by side
   * @param numbers of the documents
   */
  void attend(
      Forward forward, Performer performer, Matrix qkv, List<Integer> numbers, Matrix context) {
    FeatureMap map =
        features.computeIfAbsent(
            performer, pattern -> FeatureMap.draw(pattern, layer, shape.headDim()));
    PackedDocuments documents = forward.documents();
    List<Device.PlacedRows> whole = new ArrayList<>();
    List<Integer> padded = new ArrayList<>();
    for (int number : numbers) {
      if (documents.document(number).valid() == null) {
        whole.add(documents.placed(number));
      } else {
        padded.add(number);
      }
    }
    forward.linearAttention(input(qkv), whole, map, context);
    attendToValid(forward, map, qkv, padded, context);
  }

  /** The tokens of padded documents that are no padding, gathered one document behind the other. */
  private void attendToValid(
      Forward forward, FeatureMap map, Matrix qkv, List<Integer> padded, Matrix context) {
    PackedDocuments documents = forward.documents();
    List<Device.PlacedRows> placed = new ArrayList<>();
    IntStream.Builder gathered = IntStream.builder();
    int count = 0;
    for (int number : padded) {
      BitSet valid = documents.document(number).valid();
      int firstRow = documents.firstRow(number);
      valid.stream().forEach(token -> gathered.add(firstRow + token));
      placed.add(new Device.PlacedRows(count, valid.cardinality()));
      count += valid.cardinality();
    }
    if (count == 0) {
      return;
    }
    Device device = forward.device();
    int[] rows = gathered.build().toArray();
    int[] places = IntStream.range(0, count).toArray();
    Matrix valid = device.allocate(count, qkv.columns());
    device.copyRows(qkv, rows, valid, places);
    Matrix validContext = device.allocate(count, context.columns());
    forward.linearAttention(input(valid), placed, map, validContext);
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
