package io.longreach.kernels.cpu;

import static io.longreach.kernels.cpu.VectorMath.LANES;
import static io.longreach.kernels.cpu.VectorMath.SPECIES;
import static io.longreach.kernels.cpu.VectorMicro.ROW;

import io.longreach.kernels.plan.TileShape;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * Attention of a query tile over an entry with the queries in vector lanes. Scores stand
 * transposed, {@code [key][query]}: maximum, power and sum of the softmax are then vertical,
 * without any reduction across lanes, and neither keys nor values need transposing.
 *
 * <p>Both products are {@link VectorMicro}'s.
 */
final class VectorTile implements TileKernel {
  private static final int GROUP = VectorMicro.WIDTH;
  private static final float[] ZEROS = new float[GROUP];

  @Override
  public TileShape tiles() {
    return new TileShape(2 * GROUP, 192);
  }

  @Override
  public int group() {
    return GROUP;
  }

  @Override
  public HeadKeys.Panels panels(int headDim) {
    return new HeadKeys.Panels(VectorMicro.ROW, GROUP);
  }

  @Override
  public void scale(float[] from, int start, float factor, float[] to, int at, int columns) {
    VectorScale.scale(from, start, factor, to, at, columns);
  }

  @Override
  public void packQueries(Tile tile, int group, float[] from, float scale) {
    int first = group * GROUP;
    int count = Math.min(GROUP, tile.size - first);
    int start = first * tile.headDim;
    if (count < GROUP) {
      Arrays.fill(tile.queries, start, start + GROUP * tile.headDim, 0);
    }
    for (int lane = 0; lane < count; lane += 4) {
      int[] rows = tile.rows;
      int last = first + count - 1;
      int row = first + lane;
      transpose(
          from,
          rows[row],
          rows[Math.min(row + 1, last)],
          rows[Math.min(row + 2, last)],
          rows[Math.min(row + 3, last)],
          tile.headDim,
          scale,
          tile.queries,
          start + lane);
    }
  }

  /** Four rows of queries to four lanes; lanes beyond the last query repeat it, harmlessly. */
  private static void transpose(
      float[] from, int r0, int r1, int r2, int r3, int headDim, float scale, float[] to, int at) {
    for (int d = 0; d < headDim; d++) {
      to[at + d * GROUP] = from[r0 + d] * scale;
      to[at + d * GROUP + 1] = from[r1 + d] * scale;
      to[at + d * GROUP + 2] = from[r2 + d] * scale;
      to[at + d * GROUP + 3] = from[r3 + d] * scale;
    }
  }

  @Override
  public void entry(
      Tile tile,
      HeadKeys keys,
      int keyStart,
      int keyEnd,
      long[] mask,
      int maskOffset,
      int wordsPerKey) {
    int width = keyEnd - keyStart;
    for (int g = 0; g < tile.groups(); g++) {
      int first = 0;
      int last = width;
      if (mask != null) {
        first = VectorMaskRows.first(mask, maskOffset, wordsPerKey, g * GROUP, GROUP, width);
        last = VectorMaskRows.last(mask, maskOffset, wordsPerKey, g * GROUP, GROUP, first, width);
      }
      if (first < last) {
        group(tile, g, keys, keyStart, first, last, mask, maskOffset, wordsPerKey);
      }
    }
  }

  /** One group of queries against the keys {@code keyStart + first .. keyStart + last - 1}. */
  private void group(
      Tile tile,
      int g,
      HeadKeys keys,
      int keyStart,
      int first,
      int last,
      long[] mask,
      int maskOffset,
      int wordsPerKey) {
    int count = last - first;
    scores(tile, g, keys, keyStart + first, count);
    if (mask != null) {
      VectorMaskRows.apply(
          mask, maskOffset + first * wordsPerKey, wordsPerKey, g * GROUP, tile.scores, count);
    }
    int query = g * GROUP;
    weigh(tile, query, count, tile.started[g]);
    int queries = Math.min(GROUP, tile.size - query);
    for (int q = 0; q < queries; q += VectorMicro.ROWS) {
      int from = 0;
      int to = count;
      if (mask != null) {
        int words = maskOffset + first * wordsPerKey;
        from = VectorMaskRows.first(mask, words, wordsPerKey, query + q, VectorMicro.ROWS, count);
        to =
            VectorMaskRows.last(mask, words, wordsPerKey, query + q, VectorMicro.ROWS, from, count);
      }
      addValues(tile, query + q, q, tile.started[g], keys, keyStart + first, from, to);
    }
    tile.started[g] = true;
  }

  /** Adds the values of some keys, by weight, to the contexts of a few queries. */
  private static void addValues(
      Tile tile, int query, int lane, boolean started, HeadKeys keys, int place, int from, int to) {
    int columns = tile.valueColumns;
    float[] onto = started ? tile.context : ZEROS;
    int step = started ? columns : 0;
    int weights = from * GROUP + lane;
    for (int panel = 0; panel * GROUP < columns; panel++) {
      int value = keys.value(panel, place + from);
      int at = query * columns + panel * GROUP;
      VectorMicro.columns(
          tile.scores,
          weights,
          keys.values(),
          value,
          to - from,
          onto,
          started ? at : 0,
          step,
          tile.context,
          at,
          columns);
    }
  }

  /** A few keys and {@link VectorMicro#ROW} columns at a time. */
  @Override
  public void scores(Tile tile, int group, HeadKeys keys, int place, int count) {
    int query = group * tile.headDim * GROUP;
    float[] scores = tile.scores;
    for (int panel = 0; panel * ROW < tile.headDim; panel++) {
      int depth = Math.min(ROW, tile.headDim - panel * ROW);
      float[] onto = panel == 0 ? ZEROS : scores;
      int step = panel == 0 ? 0 : GROUP;
      int b = query + panel * ROW * GROUP;
      for (int key = 0; key < count; key += VectorMicro.ROWS) {
        int a = keys.key(panel, place + key);
        VectorMicro.scores(
            keys.keys(), a, tile.queries, b, depth, onto, key * step, step, scores, key * GROUP);
      }
    }
  }

  /**
   * Turns scores into weights relative to the new maximum, and rescales what was accumulated
   * relative to the old one.
   */
  private static void weigh(Tile tile, int query, int count, boolean started) {
    float[] scores = tile.scores;
    float[] max = tile.max;
    // The two rows behind the last key are scratch: how much the maxima rise, and sums of no use.
    int kept = count * GROUP;
    if (started) {
      System.arraycopy(max, query, scores, kept, GROUP);
    }
    for (int half = 0; half < GROUP; half += LANES) {
      VectorSoftmax.raise(max, query + half, scores, half, count);
    }
    if (started) {
      for (int half = 0; half < GROUP; half += LANES) {
        VectorSoftmax.weigh(scores, kept + half, 1, max, query + half, scores, kept + GROUP + half);
      }
      rescale(tile, query, kept);
    }
    for (int half = 0; half < GROUP; half += LANES) {
      VectorSoftmax.weigh(scores, half, count, max, query + half, tile.sum, query + half);
    }
  }

  private static void rescale(Tile tile, int query, int kept) {
    for (int lane = 0; lane < GROUP; lane++) {
      float factor = tile.scores[kept + lane];
      if (factor != 1 && tile.sum[query + lane] != 0) {
        tile.sum[query + lane] *= factor;
        rescale(tile.context, (query + lane) * tile.valueColumns, tile.valueColumns, factor);
      }
    }
  }

  /** A plain loop, which C2 makes vectors of itself: see {@link VectorSoftmax} on inlining. */
  private static void rescale(float[] context, int first, int columns, float factor) {
    for (int i = first; i < first + columns; i++) {
      context[i] *= factor;
    }
  }

  @Override
  public void gather(Tile tile, HeadKeys keys, int[] tokens, int first, int last) {
    for (int from = first; from < last; from += tile.capacity) {
      int count = Math.min(last - from, tile.capacity);
      tile.touched = keys.touch(tokens, from, count);
      float max = tile.max[0];
      for (int i = 0; i < count; i++) {
        tile.scores[i] = score(tile, keys, tokens[from + i]);
        max = Math.max(max, tile.scores[i]);
      }
      float kept = (float) Math.pow(2, tile.max[0] - max);
      tile.max[0] = max;
      tile.sum[0] = tile.sum[0] * kept + weigh(tile.scores, count, max);
      rescale(tile.context, 0, tile.valueColumns, kept);
      for (int panel = 0; panel * GROUP < tile.valueColumns; panel++) {
        addScaled(tile, keys, panel, tokens, from, count);
      }
    }
  }

  /** {@code scores = 2^(scores - max)}, and their sum. */
  private static float weigh(float[] scores, int count, float max) {
    FloatVector sums = FloatVector.zero(SPECIES);
    for (int i = 0; i < count; i += LANES) {
      VectorMask<Float> lanes = SPECIES.indexInRange(i, count);
      FloatVector weights = VectorMath.exp2(FloatVector.fromArray(SPECIES, scores, i).sub(max));
      weights.intoArray(scores, i);
      sums = FloatVector.zero(SPECIES).blend(weights, lanes).add(sums);
    }
    return FloatVector.zero(SPECIES).add(sums).reduceLanes(VectorOperators.ADD);
  }

  private static float score(Tile tile, HeadKeys keys, int place) {
    float score = 0;
    for (int column = 0; column < tile.headDim; column += ROW) {
      int size = Math.min(ROW, tile.headDim - column);
      score += dot(tile.queries, column, keys.keys(), keys.key(column / ROW, place), size);
    }
    return score;
  }

  private static float dot(float[] a, int a0, float[] b, int b0, int size) {
    FloatVector sums = FloatVector.zero(SPECIES);
    int i = 0;
    for (; i <= size - LANES; i += LANES) {
      sums =
          FloatVector.fromArray(SPECIES, a, a0 + i)
              .fma(FloatVector.fromArray(SPECIES, b, b0 + i), sums);
    }
    float sum = FloatVector.zero(SPECIES).add(sums).reduceLanes(VectorOperators.ADD);
    for (; i < size; i++) {
      sum += a[a0 + i] * b[b0 + i];
    }
    return sum;
  }

  /** One panel's columns of one query: {@code context += Σ scores[i] * value[i]}. */
  private static void addScaled(
      Tile tile, HeadKeys keys, int panel, int[] tokens, int from, int count) {
    float[] values = keys.values();
    FloatVector even = FloatVector.fromArray(SPECIES, tile.context, panel * GROUP);
    FloatVector odd = FloatVector.fromArray(SPECIES, tile.context, panel * GROUP + LANES);
    for (int i = 0; i < count; i++) {
      FloatVector weight = FloatVector.broadcast(SPECIES, tile.scores[i]);
      int value = keys.value(panel, tokens[from + i]);
      even = weight.fma(FloatVector.fromArray(SPECIES, values, value), even);
      odd = weight.fma(FloatVector.fromArray(SPECIES, values, value + LANES), odd);
    }
    even.intoArray(tile.context, panel * GROUP);
    odd.intoArray(tile.context, panel * GROUP + LANES);
  }
}
