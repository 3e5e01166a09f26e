package io.longreach.kernels.cpu;

/**
 * Keys and values of one head, copied so that tiles are contiguous whatever the order and the row
 * stride: those of a few query tiles, which stay in the caches, or all of them.
 *
 * <p>Both stand in panels of columns, {@code [panel][place][column]}: a constant step from key to
 * key lets C2 drop bounds checks and addresses. Behind the last column of a head there is anything
 * in a panel of keys, and zeros in one of values.
 *
 * @param keys followed by {@link TileKernel#KEY_STEP} rows, for kernels that take whole steps
 * @param capacity places
 * @param ranges the ranks that are here, end to end
 */
record HeadKeys(
    float[] keys, float[] values, int capacity, int headDim, Panels panels, KeyRanges ranges) {

  /** Rows that are touched before they are copied: few enough for the first cache. */
  private static final int BATCH = 32;

  /**
   * Columns of one panel.
   *
   * @param keys of keys
   * @param values of values
   */
  record Panels(int keys, int values) {
    /** The values' columns with the padding of the last panel. */
    int valueColumns(int headDim) {
      return count(headDim, values) * values;
    }

    private static int count(int headDim, int columns) {
      return (headDim + columns - 1) / columns;
    }
  }

  /** First element of a place's row in a panel of keys. */
  int key(int panel, int place) {
    return (panel * capacity + place) * panels.keys;
  }

  /**
   * Reads keys and values of some places for the caches, see {@link AttentionKernel.Rows#touch}.
   */
  float touch(int[] places, int first, int count) {
    AttentionKernel.Rows keyRows = new AttentionKernel.Rows(keys, 0, panels.keys);
    AttentionKernel.Rows valueRows = new AttentionKernel.Rows(values, 0, panels.values);
    float touched = 0;
    for (int i = first; i < first + count; i++) {
      touched += keyRows.touch(places[i], 0, Math.min(headDim, panels.keys));
      for (int panel = 0; panel * panels.values < headDim; panel++) {
        touched += valueRows.touch(panel * capacity + places[i], 0, panels.values);
      }
    }
    return touched;
  }

  /** First element of a place's row in a panel of values. */
  int value(int panel, int place) {
    return (panel * capacity + place) * panels.values;
  }

  /**
   * Copies ranks of a head.
   *
   * <p>Queries of the same ranks are read on the way, so that the caches have them: often they
   * stand right before their keys, and memory that is read once and in order comes in faster.
   *
   * @param key the head's own columns, as in {@code value}
   * @param order rank to token, null for the identity
   * @param queries ranks whose queries are wanted soon
   * @param spare whose memory is taken if it suffices; or null
   */
  static HeadKeys pack(
      TileKernel kernel,
      AttentionKernel.Rows key,
      AttentionKernel.Rows value,
      int headDim,
      KeyRanges ranges,
      int[] order,
      Queries queries,
      HeadKeys spare) {
    Panels panels = kernel.panels(headDim);
    boolean fits =
        spare != null
            && spare.headDim == headDim
            && spare.panels.equals(panels)
            && spare.capacity >= ranges.total();
    HeadKeys packed =
        fits
            ? new HeadKeys(spare.keys, spare.values, spare.capacity, headDim, panels, ranges)
            : allocate(headDim, panels, ranges);
    int place = 0;
    float touched = 0;
    for (int range = 0; range < ranges.count(); range++) {
      int end = ranges.start(range) + ranges.size(range);
      for (int start = ranges.start(range); start < end; start += BATCH) {
        int stop = Math.min(end, start + BATCH);
        for (int rank = start; rank < stop; rank++) {
          int token = order == null ? rank : order[rank];
          if (rank >= queries.first && rank < queries.last) {
            touched += queries.rows.touch(token, 0, headDim);
          }
          touched += key.touch(token, 0, headDim);
          touched += value.touch(token, 0, headDim);
        }
        packed.copyKeys(kernel, key, order, start, stop, place);
        packed.copyValues(kernel, value, order, start, stop, place);
        place += stop - start;
      }
    }
    // Behind the last key there is anything.
    packed.keys[packed.keys.length - 1] = touched;
    return packed;
  }

  /** Ranks {@code [first, last)} of the keys' order and where their queries are. */
  record Queries(AttentionKernel.Rows rows, int first, int last) {
    static final Queries NONE = new Queries(null, 0, 0);
  }

  private static HeadKeys allocate(int headDim, Panels panels, KeyRanges ranges) {
    int places = ranges.total();
    long keys =
        (long) places * Panels.count(headDim, panels.keys) * panels.keys
            + (long) TileKernel.KEY_STEP * panels.keys;
    long values = (long) places * panels.valueColumns(headDim);
    if (Math.max(keys, values) > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException(
          "tokens x headDim must be below 2^31, was "
              + places
              + " x "
              + headDim
              + ": cut the document into segments");
    }
    return new HeadKeys(
        new float[(int) keys], new float[(int) values], places, headDim, panels, ranges);
  }

  private void copyKeys(
      TileKernel kernel, AttentionKernel.Rows rows, int[] order, int start, int stop, int place) {
    for (int column = 0; column < headDim; column += panels.keys) {
      int columns = Math.min(panels.keys, headDim - column);
      int to = key(column / panels.keys, place);
      copy(kernel, rows.from(column), order, start, stop, keys, to, panels.keys, columns);
    }
  }

  private void copyValues(
      TileKernel kernel, AttentionKernel.Rows rows, int[] order, int start, int stop, int place) {
    for (int column = 0; column < headDim; column += panels.values) {
      int columns = Math.min(panels.values, headDim - column);
      int to = value(column / panels.values, place);
      copy(kernel, rows.from(column), order, start, stop, values, to, panels.values, columns);
    }
  }

  /** Copies some columns of some ranks. */
  private static void copy(
      TileKernel kernel,
      AttentionKernel.Rows rows,
      int[] order,
      int start,
      int stop,
      float[] to,
      int at,
      int step,
      int columns) {
    for (int rank = start; rank < stop; rank++) {
      int token = order == null ? rank : order[rank];
      int row = rows.offset() + token * rows.stride();
      kernel.scale(rows.values(), row, 1, to, at + (rank - start) * step, columns);
    }
  }
}
