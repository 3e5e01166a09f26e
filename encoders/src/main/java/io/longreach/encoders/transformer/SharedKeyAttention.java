package io.longreach.encoders.transformer;

import io.longreach.kernels.device.Activation;
import io.longreach.kernels.device.AttentionInput;
import io.longreach.kernels.device.AttentionInput.View;
import io.longreach.kernels.device.Device;
import io.longreach.kernels.device.Matrix;
import io.longreach.kernels.pattern.AttentionPattern;
import io.longreach.kernels.pattern.Lsh;
import io.longreach.kernels.plan.LshKeys;
import io.longreach.kernels.plan.LshRotations;
import java.util.ArrayList;
import java.util.List;

/**
 * LSH attention whose keys are the normalised queries.
 *
 * <p><b>Source.</b> Kitaev et al., Reformer, 2020, section 2.
 */
public final class SharedKeyAttention implements AttentionLayer {
  private final HeadShape shape;
  private final Device.Linear queryKey;
  private final Device.Linear value;
  private final DocumentPattern patterns;
  private final LshPlanner planner;

  /**
   * @param rotations null to draw them from the pattern's seed
   * @param patterns must give lsh with shared query and key
   */
  public SharedKeyAttention(
      int layer,
      HeadShape shape,
      Device.Linear queryKey,
      Device.Linear value,
      LshRotations rotations,
      DocumentPattern patterns) {
    this.shape = shape;
    this.queryKey = queryKey;
    this.value = value;
    this.patterns = document -> patterns.of(document).at(layer, 0, shape.heads());
    this.planner = new LshPlanner(layer, shape, rotations);
  }

  @Override
  public int contextColumns() {
    return shape.columns();
  }

  @Override
  public void attend(Forward forward, Matrix in, Matrix context) {
    Device device = forward.device();
    Matrix queries = forward.shared("shared queries", queryKey.outputs());
    device.linear(in, queryKey, Activation.NONE, queries);
    Matrix values = forward.sharedOperand("shared values", value.outputs());
    device.linear(in, value, Activation.NONE, values);
    PackedDocuments documents = forward.documents();
    // The length of a document decides its buckets, never whose rules hold.
    Lsh.Variant variant = lsh(documents.document(0)).variant();
    Matrix keys = device.lshKeys(variant, queries, shape.headDim());
    AttentionInput input =
        new AttentionInput(
            new View(queries, 0),
            new View(keys, 0),
            new View(values, 0),
            shape.heads(),
            shape.headDim(),
            (float) LshKeys.softmaxScale(variant, shape.headDim()));
    List<Device.PlacedLsh> hashed = new ArrayList<>();
    for (int d = 0; d < documents.size(); d++) {
      Document document = documents.document(d);
      hashed.add(
          new Device.PlacedLsh(documents.firstRow(d), planner.plan(lsh(document), document)));
    }
    forward.lshAttention(input, hashed, context);
  }

  private Lsh lsh(Document document) {
    AttentionPattern pattern = patterns.of(document);
    if (pattern instanceof Lsh lsh && lsh.hashed() == Lsh.Hashed.SHARED) {
      return lsh;
    }
    throw new IllegalArgumentException(
        "the pattern of a layer with shared queries and keys must be lsh, was '"
            + pattern
            + "': give lsh to this layer, or leave the pattern to the checkpoint");
  }
}
