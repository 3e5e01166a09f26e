package io.longreach.kernels.cpu;

import static io.longreach.kernels.cpu.VectorMath.LANES;
import static io.longreach.kernels.cpu.VectorMath.SPECIES;

import io.longreach.kernels.plan.TileShape;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Attention of a query tile over an entry with the queries in vector lanes. Scores stand
 * transposed, {@code [key][query]}: maximum, power and sum of the softmax are then vertical,
 * without any reduction across lanes, and neither keys nor values need transposing.
 *
 * <p>Both products use the micro-kernel shape of {@link VectorLinear}: 4 rows by 2 vectors, two
 * steps at a time.
 */
final class VectorTile implements TileKernel {
  private static final int GROUP = 2 * LANES;
  private static final float LOWEST = -1e30f;

  @Override
  public TileShape tiles() {
    return new TileShape(2 * GROUP, 192);
  }

  @Override
  public int group() {
    return GROUP;
  }

  @Override
  public int panelColumns(int headDim) {
    return GROUP;
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
        first = MaskRows.first(mask, maskOffset, wordsPerKey, g * GROUP, GROUP, width);
        last = MaskRows.last(mask, maskOffset, wordsPerKey, g * GROUP, GROUP, first, width);
      }
      if (first < last) {
        group(tile, g, keys, keyStart, first, last, mask, maskOffset, wordsPerKey);
      }
    }
  }

  /** One group of queries against the keys {@code keyStart + first .. keyStart + last - 1}. */
  private static void group(
      Tile tile,
      int g,
      HeadKeys keys,
      int keyStart,
      int first,
      int last,
      long[] mask,
      int maskOffset,
      int wordsPerKey) {
    int keyRow = (keyStart + first) * tile.headDim;
    int count = last - first;
    scores(
        tile.queries,
        g * tile.headDim * GROUP,
        tile.headDim,
        keys.keys(),
        keyRow,
        count,
        tile.scores);
    if (mask != null) {
      MaskRows.apply(
          mask, maskOffset + first * wordsPerKey, wordsPerKey, g * GROUP, tile.scores, count);
    }
    int query = g * GROUP;
    weigh(
        tile.scores, count, tile.max, tile.sum, query, tile.context, tile.valueColumns, tile.kept);
    int columns = tile.valueColumns;
    for (int panel = 0; panel * GROUP < columns; panel++) {
      int value = keys.value(panel, keyStart + first);
      for (int q = 0; q < GROUP; q += 4) {
        int at = (query + q) * columns + panel * GROUP;
        accumulate(tile.scores, q, keys.values(), value, count, tile.context, at, columns);
      }
    }
  }

  /** {@code scores[key][lane] = key · query}, four keys at a time. */
  static void scores(
      float[] queries,
      int query,
      int headDim,
      float[] keys,
      int keyRow,
      int count,
      float[] scores) {
    int lastRow = keyRow + (count - 1) * headDim;
    for (int key = 0; key < count; key += 4) {
      int a0 = keyRow + key * headDim;
      int a1 = Math.min(a0 + headDim, lastRow);
      int a2 = Math.min(a0 + 2 * headDim, lastRow);
      int a3 = Math.min(a0 + 3 * headDim, lastRow);
      score(keys, a0, a1, a2, a3, queries, query, headDim, scores, key * GROUP);
    }
  }

  private static void score(
      float[] a, int a0, int a1, int a2, int a3, float[] b, int b0, int depth, float[] c, int c0) {
    FloatVector c00 = FloatVector.zero(SPECIES);
    FloatVector c01 = FloatVector.zero(SPECIES);
    FloatVector c10 = FloatVector.zero(SPECIES);
    FloatVector c11 = FloatVector.zero(SPECIES);
    FloatVector c20 = FloatVector.zero(SPECIES);
    FloatVector c21 = FloatVector.zero(SPECIES);
    FloatVector c30 = FloatVector.zero(SPECIES);
    FloatVector c31 = FloatVector.zero(SPECIES);
    int even = depth & ~1;
    for (int k = 0; k < even; k += 2) {
      FloatVector v0 = FloatVector.fromArray(SPECIES, b, b0 + k * GROUP);
      FloatVector v1 = FloatVector.fromArray(SPECIES, b, b0 + k * GROUP + LANES);
      FloatVector x = FloatVector.broadcast(SPECIES, a[a0 + k]);
      c00 = x.fma(v0, c00);
      c01 = x.fma(v1, c01);
      x = FloatVector.broadcast(SPECIES, a[a1 + k]);
      c10 = x.fma(v0, c10);
      c11 = x.fma(v1, c11);
      x = FloatVector.broadcast(SPECIES, a[a2 + k]);
      c20 = x.fma(v0, c20);
      c21 = x.fma(v1, c21);
      x = FloatVector.broadcast(SPECIES, a[a3 + k]);
      c30 = x.fma(v0, c30);
      c31 = x.fma(v1, c31);
      v0 = FloatVector.fromArray(SPECIES, b, b0 + (k + 1) * GROUP);
      v1 = FloatVector.fromArray(SPECIES, b, b0 + (k + 1) * GROUP + LANES);
      x = FloatVector.broadcast(SPECIES, a[a0 + k + 1]);
      c00 = x.fma(v0, c00);
      c01 = x.fma(v1, c01);
      x = FloatVector.broadcast(SPECIES, a[a1 + k + 1]);
      c10 = x.fma(v0, c10);
      c11 = x.fma(v1, c11);
      x = FloatVector.broadcast(SPECIES, a[a2 + k + 1]);
      c20 = x.fma(v0, c20);
      c21 = x.fma(v1, c21);
      x = FloatVector.broadcast(SPECIES, a[a3 + k + 1]);
      c30 = x.fma(v0, c30);
      c31 = x.fma(v1, c31);
    }
    for (int k = even; k < depth; k++) {
      FloatVector v0 = FloatVector.fromArray(SPECIES, b, b0 + k * GROUP);
      FloatVector v1 = FloatVector.fromArray(SPECIES, b, b0 + k * GROUP + LANES);
      FloatVector x = FloatVector.broadcast(SPECIES, a[a0 + k]);
      c00 = x.fma(v0, c00);
      c01 = x.fma(v1, c01);
      x = FloatVector.broadcast(SPECIES, a[a1 + k]);
      c10 = x.fma(v0, c10);
      c11 = x.fma(v1, c11);
      x = FloatVector.broadcast(SPECIES, a[a2 + k]);
      c20 = x.fma(v0, c20);
      c21 = x.fma(v1, c21);
      x = FloatVector.broadcast(SPECIES, a[a3 + k]);
      c30 = x.fma(v0, c30);
      c31 = x.fma(v1, c31);
    }
    c00.intoArray(c, c0);
    c01.intoArray(c, c0 + LANES);
    c10.intoArray(c, c0 + GROUP);
    c11.intoArray(c, c0 + GROUP + LANES);
    c20.intoArray(c, c0 + 2 * GROUP);
    c21.intoArray(c, c0 + 2 * GROUP + LANES);
    c30.intoArray(c, c0 + 3 * GROUP);
    c31.intoArray(c, c0 + 3 * GROUP + LANES);
  }

  /**
   * Turns scores into weights relative to the new maximum, and rescales what was accumulated
   * relative to the old one.
   */
  static void weigh(
      float[] scores,
      int count,
      float[] max,
      float[] sum,
      int query,
      float[] context,
      int valueColumns,
      float[] kept) {
    for (int half = 0; half < GROUP; half += LANES) {
      weigh(scores, half, count, max, sum, query + half, kept);
    }
    for (int lane = 0; lane < GROUP; lane++) {
      if (kept[lane] != 1) {
        rescale(context, (query + lane) * valueColumns, valueColumns, kept[lane]);
      }
    }
  }

  /** One vector of queries; {@code kept[lane]} is what remains of their earlier weights. */
  private static void weigh(
      float[] scores, int half, int count, float[] max, float[] sum, int query, float[] kept) {
    FloatVector before = FloatVector.fromArray(SPECIES, max, query);
    FloatVector after = before;
    FloatVector other = before;
    int even = count & ~1;
    for (int key = 0; key < even; key += 2) {
      FloatVector score = FloatVector.fromArray(SPECIES, scores, key * GROUP + half);
      FloatVector next = FloatVector.fromArray(SPECIES, scores, (key + 1) * GROUP + half);
      // Not max(): Java's treatment of NaN and -0 makes it five instructions.
      after = after.blend(score, after.lt(score));
      other = other.blend(next, other.lt(next));
    }
    for (int key = even; key < count; key++) {
      FloatVector score = FloatVector.fromArray(SPECIES, scores, key * GROUP + half);
      after = after.blend(score, after.lt(score));
    }
    after = after.blend(other, after.lt(other));
    after.intoArray(max, query);
    // Finite, so that rows that have seen nothing yet give weights of 0 and not NaN.
    FloatVector finite = after.blend(LOWEST, after.lt(LOWEST));
    FloatVector total = FloatVector.broadcast(SPECIES, 0f);
    FloatVector totalOdd = FloatVector.broadcast(SPECIES, 0f);
    for (int key = 0; key < even; key += 2) {
      int at = key * GROUP + half;
      int odd = (key + 1) * GROUP + half;
      FloatVector w0 = VectorMath.exp2(FloatVector.fromArray(SPECIES, scores, at).sub(finite));
      FloatVector w1 = VectorMath.exp2(FloatVector.fromArray(SPECIES, scores, odd).sub(finite));
      w0.intoArray(scores, at);
      w1.intoArray(scores, odd);
      total = total.add(w0);
      totalOdd = totalOdd.add(w1);
    }
    for (int key = even; key < count; key++) {
      int at = key * GROUP + half;
      FloatVector weight = VectorMath.exp2(FloatVector.fromArray(SPECIES, scores, at).sub(finite));
      weight.intoArray(scores, at);
      total = total.add(weight);
    }
    total = total.add(totalOdd);
    FloatVector factor = VectorMath.exp2(before.sub(finite));
    factor.intoArray(kept, half);
    FloatVector.fromArray(SPECIES, sum, query).fma(factor, total).intoArray(sum, query);
  }

  private static void rescale(float[] context, int first, int columns, float factor) {
    for (int i = 0; i < columns; i += LANES) {
      FloatVector.fromArray(SPECIES, context, first + i).mul(factor).intoArray(context, first + i);
    }
  }

  /** {@code context[query][column] += Σ weight[key][query] · value[key][column]}, four queries. */
  static void accumulate(
      float[] a, int a0, float[] b, int b0, int count, float[] c, int c0, int cStride) {
    int c1 = c0 + cStride;
    int c2 = c1 + cStride;
    int c3 = c2 + cStride;
    FloatVector c00 = FloatVector.fromArray(SPECIES, c, c0);
    FloatVector c01 = FloatVector.fromArray(SPECIES, c, c0 + LANES);
    FloatVector c10 = FloatVector.fromArray(SPECIES, c, c1);
    FloatVector c11 = FloatVector.fromArray(SPECIES, c, c1 + LANES);
    FloatVector c20 = FloatVector.fromArray(SPECIES, c, c2);
    FloatVector c21 = FloatVector.fromArray(SPECIES, c, c2 + LANES);
    FloatVector c30 = FloatVector.fromArray(SPECIES, c, c3);
    FloatVector c31 = FloatVector.fromArray(SPECIES, c, c3 + LANES);
    int even = count & ~1;
    for (int k = 0; k < even; k += 2) {
      FloatVector v0 = FloatVector.fromArray(SPECIES, b, b0 + k * GROUP);
      FloatVector v1 = FloatVector.fromArray(SPECIES, b, b0 + k * GROUP + LANES);
      FloatVector x = FloatVector.broadcast(SPECIES, a[a0 + k * GROUP]);
      c00 = x.fma(v0, c00);
      c01 = x.fma(v1, c01);
      x = FloatVector.broadcast(SPECIES, a[a0 + k * GROUP + 1]);
      c10 = x.fma(v0, c10);
      c11 = x.fma(v1, c11);
      x = FloatVector.broadcast(SPECIES, a[a0 + k * GROUP + 2]);
      c20 = x.fma(v0, c20);
      c21 = x.fma(v1, c21);
      x = FloatVector.broadcast(SPECIES, a[a0 + k * GROUP + 3]);
      c30 = x.fma(v0, c30);
      c31 = x.fma(v1, c31);
      v0 = FloatVector.fromArray(SPECIES, b, b0 + (k + 1) * GROUP);
      v1 = FloatVector.fromArray(SPECIES, b, b0 + (k + 1) * GROUP + LANES);
      x = FloatVector.broadcast(SPECIES, a[a0 + (k + 1) * GROUP]);
      c00 = x.fma(v0, c00);
      c01 = x.fma(v1, c01);
      x = FloatVector.broadcast(SPECIES, a[a0 + (k + 1) * GROUP + 1]);
      c10 = x.fma(v0, c10);
      c11 = x.fma(v1, c11);
      x = FloatVector.broadcast(SPECIES, a[a0 + (k + 1) * GROUP + 2]);
      c20 = x.fma(v0, c20);
      c21 = x.fma(v1, c21);
      x = FloatVector.broadcast(SPECIES, a[a0 + (k + 1) * GROUP + 3]);
      c30 = x.fma(v0, c30);
      c31 = x.fma(v1, c31);
    }
    for (int k = even; k < count; k++) {
      FloatVector v0 = FloatVector.fromArray(SPECIES, b, b0 + k * GROUP);
      FloatVector v1 = FloatVector.fromArray(SPECIES, b, b0 + k * GROUP + LANES);
      FloatVector x = FloatVector.broadcast(SPECIES, a[a0 + k * GROUP]);
      c00 = x.fma(v0, c00);
      c01 = x.fma(v1, c01);
      x = FloatVector.broadcast(SPECIES, a[a0 + k * GROUP + 1]);
      c10 = x.fma(v0, c10);
      c11 = x.fma(v1, c11);
      x = FloatVector.broadcast(SPECIES, a[a0 + k * GROUP + 2]);
      c20 = x.fma(v0, c20);
      c21 = x.fma(v1, c21);
      x = FloatVector.broadcast(SPECIES, a[a0 + k * GROUP + 3]);
      c30 = x.fma(v0, c30);
      c31 = x.fma(v1, c31);
    }
    c00.intoArray(c, c0);
    c01.intoArray(c, c0 + LANES);
    c10.intoArray(c, c1);
    c11.intoArray(c, c1 + LANES);
    c20.intoArray(c, c2);
    c21.intoArray(c, c2 + LANES);
    c30.intoArray(c, c3);
    c31.intoArray(c, c3 + LANES);
  }

  @Override
  public void gather(Tile tile, HeadKeys keys, int[] tokens, int first, int last) {
    int headDim = tile.headDim;
    int columns = tile.valueColumns;
    for (int from = first; from < last; from += tile.capacity) {
      int to = Math.min(last, from + tile.capacity);
      float max = tile.max[0];
      for (int i = from; i < to; i++) {
        float score = dot(tile.queries, 0, keys.keys(), tokens[i] * headDim, headDim);
        tile.scores[i - from] = score;
        max = Math.max(max, score);
      }
      float kept = (float) Math.pow(2, tile.max[0] - max);
      tile.max[0] = max;
      tile.sum[0] *= kept;
      rescale(tile.context, 0, columns, kept);
      for (int i = from; i < to; i++) {
        float weight = (float) Math.pow(2, tile.scores[i - from] - max);
        tile.sum[0] += weight;
        for (int panel = 0; panel * GROUP < columns; panel++) {
          int value = keys.value(panel, tokens[i]);
          addScaled(tile.context, panel * GROUP, keys.values(), value, weight);
        }
      }
    }
  }

  private static float dot(float[] a, int a0, float[] b, int b0, int size) {
    FloatVector sums = FloatVector.zero(SPECIES);
    int i = 0;
    for (; i <= size - LANES; i += LANES) {
      sums =
          FloatVector.fromArray(SPECIES, a, a0 + i)
              .fma(FloatVector.fromArray(SPECIES, b, b0 + i), sums);
    }
    float sum = sums.reduceLanes(VectorOperators.ADD);
    for (; i < size; i++) {
      sum += a[a0 + i] * b[b0 + i];
    }
    return sum;
  }

  /** One panel's columns of one query. */
  private static void addScaled(float[] to, int at, float[] from, int first, float factor) {
    FloatVector x = FloatVector.broadcast(SPECIES, factor);
    for (int i = 0; i < GROUP; i += LANES) {
      x.fma(
              FloatVector.fromArray(SPECIES, from, first + i),
              FloatVector.fromArray(SPECIES, to, at + i))
          .intoArray(to, at + i);
    }
  }
}
