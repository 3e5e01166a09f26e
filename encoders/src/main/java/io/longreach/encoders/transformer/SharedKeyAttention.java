package io.longreach.encoders.transformer;

import io.longreach.kernels.device.Activation;
import io.longreach.kernels.device.AttentionInput;
import io.longreach.kernels.device.AttentionInput.View;
import io.longreach.kernels.device.Device;
import io.longreach.kernels.device.Matrix;
import io.longreach.kernels.pattern.AttentionPattern;
import io.longreach.kernels.pattern.Lsh;
import io.longreach.kernels.plan.AttentionSchedule;
import io.longreach.kernels.plan.LshKeys;
import io.longreach.kernels.plan.LshRotations;

/**
 * LSH attention whose keys are the normalised queries.
 *
 * <p><b>Cost.</b> Hashing and sorting are done on the host: the queries are copied there once.
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
    float[] rows = device.download(queries, 0, queries.rows());
    PackedDocuments documents = forward.documents();
    // The length of a document decides its buckets, never whose rules hold.
    Lsh.Variant variant = lsh(documents.document(0)).variant();
    float[] keys = LshKeys.of(variant, rows, shape.headDim());
    AttentionInput input =
        new AttentionInput(
            new View(queries, 0),
            new View(device.upload(keys, queries.rows(), shape.columns()), 0),
            new View(values, 0),
            shape.heads(),
            shape.headDim(),
            (float) LshKeys.softmaxScale(variant, shape.headDim()));
    for (int d = 0; d < documents.size(); d++) {
      Document document = documents.document(d);
      int firstRow = documents.firstRow(d);
      LshPlanner.Rows hashed =
          new LshPlanner.Rows(rows, firstRow * shape.columns(), shape.columns());
      AttentionSchedule schedule =
          planner.schedule(lsh(document), document, device.tiles(), hashed, hashed);
      forward.attention(input, firstRow, schedule, context);
    }
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
