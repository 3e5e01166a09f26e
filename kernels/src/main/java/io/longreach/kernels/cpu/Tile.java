package io.longreach.kernels.cpu;

/**
 * The state of one query tile of one head while it walks over its keys: scratch memory of one
 * thread, reused from tile to tile.
 *
 * <p>Queries are packed in groups of {@code group}: {@code queries[(g * headDim + d) * group +
 * lane]}, multiplied by the softmax scale and log2 e, so that weights are powers of two. The
 * accumulated context is {@code context[query * valueColumns + column]}, not yet divided by {@code
 * sum}.
 */
final class Tile {
  final int headDim;
  final int group;
  final int valueColumns;
  final int capacity;
  final float[] queries;
  final float[] scores;
  final float[] context;
  final float[] max;
  final float[] sum;

  /**
   * Groups whose contexts hold something: kernels write those of the others without reading them.
   */
  final boolean[] started;

  /** Where the head's part of each query starts. */
  final int[] rows;

  /** Queries in use, at most {@link #capacity}. */
  int size;

  /** Made of what was read for the caches only, so that it is read. */
  float touched;

  /**
   * @param capacity queries, a multiple of group
   * @param keyTile most keys of one entry
   */
  Tile(int headDim, int group, int valueColumns, int capacity, int keyTile) {
    this.headDim = headDim;
    this.group = group;
    this.valueColumns = valueColumns;
    this.capacity = capacity;
    this.queries = new float[headDim * capacity];
    // Micro-kernels write whole steps of keys.
    this.scores = new float[(keyTile + TileKernel.KEY_STEP) * group];
    this.context = new float[capacity * valueColumns];
    this.max = new float[capacity];
    this.sum = new float[capacity];
    this.started = new boolean[capacity / group];
    this.rows = new int[capacity];
  }

  boolean fits(int headDim, int valueColumns, int capacity, int keyTile) {
    return this.headDim == headDim
        && this.valueColumns == valueColumns
        && this.capacity == capacity
        && scores.length == (keyTile + TileKernel.KEY_STEP) * group;
  }

  int groups() {
    return (size + group - 1) / group;
  }

  /**
   * Begins the group {@code number} with the sums that are here.
   *
   * @return whether its contexts are wanted, as some of the queries have seen keys before
   */
  boolean begin(int number) {
    boolean seen = false;
    for (int query = number * group; query < Math.min(size, (number + 1) * group); query++) {
      seen |= sum[query] != 0;
    }
    started[number] = seen;
    return seen;
  }
}
