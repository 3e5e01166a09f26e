package io.longreach.encoders.transformer;

import io.longreach.kernels.device.Activation;
import io.longreach.kernels.device.AttentionInput;
import io.longreach.kernels.device.AttentionInput.View;
import io.longreach.kernels.device.Device;
import io.longreach.kernels.device.Matrix;
import io.longreach.kernels.pattern.PositionalPattern;
import io.longreach.kernels.pattern.Reach;
import java.util.List;

/**
 * Attention of bounded reach over a document that passes by: queries, keys and values are projected
 * once and kept as long as a query to come may see them.
 *
 * <p><b>Semantics.</b> Segments begin at multiples of the query tile and of the pattern's period:
 * tiles fall where they fall in the whole document, so that windows and blocks give the same bits;
 * dilated patterns, whose tiles follow residue classes, give the same to rounding.
 *
 * <p><b>Cost.</b> {@code 12 * columns} bytes for each token of the reach and of two segments.
 */
final class SlidingAttention implements AttentionStream {
  private static final int LONGEST_ALIGNMENT = 4096;

  private final StreamedForward forward;
  private final HeadShape shape;
  private final Device.Linear projections;

  /** Of queries and keys, null for none. */
  private final Device.Rotation rotation;

  private final List<PositionalPattern> heads;
  private final Reach reach;
  private final int tokens;
  private final int alignment;
  private final RowQueue window;
  private int next;

  SlidingAttention(
      StreamedForward forward,
      HeadShape shape,
      Device.Linear projections,
      Device.Rotation rotation,
      List<PositionalPattern> heads,
      Reach reach,
      int tokens) {
    this.forward = forward;
    this.shape = shape;
    this.projections = projections;
    this.rotation = rotation;
    this.heads = heads;
    this.reach = reach;
    this.tokens = tokens;
    this.alignment = alignment(forward.device().tiles().queryTile(), (int) reach.periodTokens());
    this.window = new RowQueue(forward.device(), projections.outputs());
  }

  /** A common multiple of tile and period, or the period if that is too long. */
  private static int alignment(int queryTile, int period) {
    long multiple = period;
    while (multiple % queryTile != 0 && multiple <= LONGEST_ALIGNMENT) {
      multiple += period;
    }
    return multiple <= LONGEST_ALIGNMENT ? (int) multiple : period;
  }

  @Override
  public void feed(Matrix in) {
    Matrix projected = forward.shared("projections", in.rows(), projections.outputs());
    forward.device().linear(in, projections, Activation.NONE, projected);
    if (rotation != null) {
      int position = window.firstToken() + window.count();
      View turned = new View(projected, 0);
      forward.device().rotate(turned, 2 * shape.heads(), rotation, 0, in.rows(), position);
    }
    long oldest = Math.max(0, next - reach.leftTokens());
    window.append(projected, Math.max(window.firstToken(), (int) (oldest - oldest % alignment)));
  }

  @Override
  public int ready() {
    int fed = window.firstToken() + window.count();
    long most = (forward.segmentTokens() + alignment - 1L) / alignment * alignment;
    int last = (int) Math.min(fed, next + most);
    if (fed < tokens) {
      last = (int) Math.min(last, Math.max(next, fed - reach.rightTokens()));
    }
    return last == tokens ? last - next : Math.max(0, last - last % alignment - next);
  }

  @Override
  public Matrix context() {
    int ready = ready();
    Device device = forward.device();
    Matrix qkv = window.matrix();
    Matrix context = forward.shared("window context", qkv.rows(), shape.columns());
    int first = next - window.firstToken();
    forward.attention(
        new AttentionInput(
            new View(qkv, 0),
            new View(qkv, shape.columns()),
            new View(qkv, 2 * shape.columns()),
            shape.heads(),
            shape.headDim(),
            shape.softmaxScale()),
        forward.schedule(heads, window.count(), first, first + ready),
        context);
    Matrix wanted = forward.shared("context", ready, shape.columns());
    device.copyRows(context, RowQueue.range(first, ready), wanted, RowQueue.range(0, ready));
    next += ready;
    return wanted;
  }
}
