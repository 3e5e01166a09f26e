package io.longreach.kernels.cpu;

import io.longreach.kernels.plan.TileShape;

/** The arithmetic of one entry of a plan, or of one query's gathered keys. */
interface TileKernel {
  /** Keys that a micro-kernel may read or write beyond an entry's last, less one. */
  int KEY_STEP = 8;

  /** The tiles that suit the caches. */
  TileShape tiles();

  /** Queries per packed group. */
  int group();

  /** How keys and values are to be packed. */
  HeadKeys.Panels panels(int headDim);

  /**
   * Packs one group of a tile's queries, which start at {@code tile.rows[...]} of {@code from},
   * times the scale; lanes beyond the tile's last query are zeros.
   */
  void packQueries(Tile tile, int group, float[] from, float scale);

  /** Writes a row of {@code columns} elements, times a factor, to another place or its own. */
  void scale(float[] from, int start, float factor, float[] to, int at, int columns);

  /**
   * Writes {@code tile.scores[i * group + lane]}, the products of one group of queries with the
   * keys {@code place} to {@code place + count - 1}.
   */
  void scores(Tile tile, int group, HeadKeys keys, int place, int count);

  /**
   * Lets the queries of a tile see the keys {@code [keyStart, keyEnd)}.
   *
   * @param mask bits as in {@link io.longreach.kernels.plan.BlockPlan}, or null when all are
   *     allowed
   * @param maskOffset word of the entry's first key
   */
  void entry(
      Tile tile,
      HeadKeys keys,
      int keyStart,
      int keyEnd,
      long[] mask,
      int maskOffset,
      int wordsPerKey);

  /**
   * Lets the one query of a tile (its first, unpacked at {@code queries[0..headDim)}) see the keys
   * {@code tokens[first] .. tokens[last - 1]}.
   */
  void gather(Tile tile, HeadKeys keys, int[] tokens, int first, int last);
}
