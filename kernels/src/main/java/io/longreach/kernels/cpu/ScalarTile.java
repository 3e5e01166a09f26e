package io.longreach.kernels.cpu;

import io.longreach.kernels.plan.TileShape;
import java.util.Arrays;

/** The scalar twin of {@link VectorTile}: one query and one key at a time. */
final class ScalarTile implements TileKernel {

  @Override
  public TileShape tiles() {
    return new TileShape(32, 64);
  }

  @Override
  public int group() {
    return 1;
  }

  @Override
  public HeadKeys.Panels panels(int headDim) {
    return new HeadKeys.Panels(headDim, headDim);
  }

  @Override
  public void scale(float[] from, int start, float factor, float[] to, int at, int columns) {
    for (int column = 0; column < columns; column++) {
      to[at + column] = from[start + column] * factor;
    }
  }

  @Override
  public void packQueries(Tile tile, int group, float[] from, float scale) {
    int at = group * tile.headDim;
    for (int d = 0; d < tile.headDim; d++) {
      tile.queries[at + d] = from[tile.rows[group] + d] * scale;
    }
  }

  @Override
  public void scores(Tile tile, int group, HeadKeys keys, int place, int count) {
    for (int i = 0; i < count; i++) {
      tile.scores[i] = score(tile, group, keys, place + i);
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
    for (int query = 0; query < tile.size; query++) {
      if (!tile.started[query]) {
        int context = query * tile.valueColumns;
        Arrays.fill(tile.context, context, context + tile.valueColumns, 0);
        tile.started[query] = true;
      }
      for (int key = keyStart; key < keyEnd; key++) {
        int word = maskOffset + (key - keyStart) * wordsPerKey + (query >> 6);
        if (mask == null || (mask[word] >>> query & 1) != 0) {
          see(tile, query, keys, key);
        }
      }
    }
  }

  @Override
  public void gather(Tile tile, HeadKeys keys, int[] tokens, int first, int last) {
    for (int i = first; i < last; i++) {
      see(tile, 0, keys, tokens[i]);
    }
  }

  private static float score(Tile tile, int query, HeadKeys keys, int key) {
    int headDim = tile.headDim;
    float score = 0;
    for (int d = 0; d < headDim; d++) {
      score += tile.queries[query * headDim + d] * keys.keys()[key * headDim + d];
    }
    return score;
  }

  private static void see(Tile tile, int query, HeadKeys keys, int key) {
    int headDim = tile.headDim;
    float score = score(tile, query, keys, key);
    float max = Math.max(tile.max[query], score);
    float kept = power(tile.max[query] - max);
    float weight = power(score - max);
    tile.max[query] = max;
    tile.sum[query] = tile.sum[query] * kept + weight;
    for (int d = 0; d < headDim; d++) {
      int at = query * headDim + d;
      tile.context[at] = tile.context[at] * kept + weight * keys.values()[key * headDim + d];
    }
  }

  private static float power(float x) {
    return (float) Math.pow(2, x);
  }
}
