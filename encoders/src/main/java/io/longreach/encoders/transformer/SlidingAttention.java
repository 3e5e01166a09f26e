package io.longreach.encoders.transformer;

import io.longreach.kernels.device.Activation;
import io.longreach.kernels.device.AttentionInput;
import io.longreach.kernels.device.AttentionInput.View;
import io.longreach.kernels.device.Device;
import io.longreach.kernels.device.Matrix;
import io.longreach.kernels.plan.AttentionSchedule;

/**
 * Attention of bounded reach, and of global tokens, over a document that passes by: queries, keys
 * and values are projected once and kept as long as a query to come may see them; those of the
 * global tokens stand behind them all the while.
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

  private final LocalHeads local;

  /** Projections of global tokens, null where they have none of their own. */
  private final Device.Linear globalQuery;

  /** Likewise, of what they see. */
  private final Device.Linear globalKeyValue;

  private final int tokens;
  private final int alignment;
  private final RowQueue window;
  private int next;

  /** The global tokens' keys and values as others see them, and what they have seen; or null. */
  private Matrix globalProjected;

  private GlobalRows globalRows;

  SlidingAttention(
      StreamedForward forward,
      HeadShape shape,
      Device.Linear projections,
      Device.Rotation rotation,
      LocalHeads local,
      Device.Linear globalQuery,
      Device.Linear globalKeyValue,
      int tokens) {
    this.forward = forward;
    this.shape = shape;
    this.projections = projections;
    this.rotation = rotation;
    this.local = local;
    this.globalQuery = globalQuery;
    this.globalKeyValue = globalKeyValue;
    this.tokens = tokens;
    this.alignment =
        alignment(forward.device().tiles().queryTile(), (int) local.reach().periodTokens());
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
  public int[] globalTokens() {
    return local.globalTokens();
  }

  @Override
  public void begin(Matrix globals) {
    Device device = forward.device();
    int count = globals.rows();
    globalProjected = device.allocate(count, projections.outputs());
    device.linear(globals, projections, Activation.NONE, globalProjected);
    for (int i = 0; rotation != null && i < count; i++) {
      View turned = new View(globalProjected, 0);
      device.rotate(turned, 2 * shape.heads(), rotation, i, 1, local.globalTokens()[i]);
    }
    Matrix queries = globalProjected;
    if (globalQuery != null) {
      queries = device.allocate(count, globalQuery.outputs());
      device.linear(globals, globalQuery, Activation.NONE, queries);
    }
    globalRows =
        new GlobalRows(shape, count, device.download(queries, 0, count), queries.columns());
  }

  @Override
  public Matrix globalContext() {
    float[] context = globalRows.context();
    return forward.device().upload(context, local.globalTokens().length, shape.columns());
  }

  /** Shows rows to the global tokens. */
  private void show(Matrix in, Matrix projected) {
    Device device = forward.device();
    if (globalKeyValue == null) {
      float[] rows = device.download(projected, 0, in.rows());
      globalRows.see(rows, projected.columns(), shape.columns(), 2 * shape.columns());
    } else {
      Matrix keyValue = forward.shared("global keys", in.rows(), globalKeyValue.outputs());
      device.linear(in, globalKeyValue, Activation.NONE, keyValue);
      float[] rows = device.download(keyValue, 0, in.rows());
      globalRows.see(rows, keyValue.columns(), 0, shape.columns());
    }
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
    if (globalRows != null) {
      show(in, projected);
    }
    long oldest = Math.max(0, next - local.reach().leftTokens());
    window.append(projected, Math.max(window.firstToken(), (int) (oldest - oldest % alignment)));
  }

  @Override
  public int ready() {
    int fed = window.firstToken() + window.count();
    long most = (forward.segmentTokens() + alignment - 1L) / alignment * alignment;
    int last = (int) Math.min(fed, next + most);
    if (fed < tokens) {
      last = (int) Math.min(last, Math.max(next, fed - local.reach().rightTokens()));
    }
    return last == tokens ? last - next : Math.max(0, last - last % alignment - next);
  }

  @Override
  public Matrix context() {
    int ready = ready();
    Device device = forward.device();
    Matrix qkv = globalProjected == null ? window.matrix() : withGlobals();
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
        schedule(first, ready),
        context);
    Matrix wanted = forward.shared("context", ready, shape.columns());
    device.copyRows(context, RowQueue.range(first, ready), wanted, RowQueue.range(0, ready));
    next += ready;
    return wanted;
  }

  private AttentionSchedule schedule(int first, int ready) {
    int rows = window.count();
    return globalProjected == null
        ? forward.schedule(local.heads(), rows, null, first, first + ready)
        : forward.schedule(
            local.withGlobalsAt(rows),
            rows + globalProjected.rows(),
            local.withoutGlobals(window.firstToken(), rows),
            first,
            first + ready);
  }

  /** The window's rows, and behind them those of the global tokens. */
  private Matrix withGlobals() {
    Device device = forward.device();
    int rows = window.count();
    int globals = globalProjected.rows();
    Matrix all = forward.shared("window and globals", rows + globals, projections.outputs());
    device.copyRows(window.matrix(), RowQueue.range(0, rows), all, RowQueue.range(0, rows));
    device.copyRows(
        globalProjected, RowQueue.range(0, globals), all, RowQueue.range(rows, globals));
    return all;
  }
}
