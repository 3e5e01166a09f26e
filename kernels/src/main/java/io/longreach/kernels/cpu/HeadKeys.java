package io.longreach.kernels.cpu;

/**
 * Keys and values of one head, copied so that tiles are contiguous whatever the order and the row
 * stride: those of a few query tiles, which stay in the caches, or all of them.
 *
 * @param keys {@code [place, headDim]}
 * @param values in panels of columns, {@code [panel][place][panelColumns]}, the last one padded
 *     with zeros: a constant step from key to key lets C2 drop the bounds checks
 * @param capacity places
 * @param ranges the ranks that are here, end to end
 */
record HeadKeys(
    float[] keys, float[] values, int capacity, int headDim, int panelColumns, KeyRanges ranges) {

  /** First element of a place's row in a panel. */
  int value(int panel, int place) {
    return (panel * capacity + place) * panelColumns;
  }

  /**
   * Copies ranks of a head.
   *
   * @param order rank to token, null for the identity
   * @param spare of the same panelColumns, whose memory is taken if it suffices; or null
   */
  static HeadKeys pack(
      AttentionKernel.Rows key,
      AttentionKernel.Rows value,
      int head,
      int headDim,
      int panelColumns,
      KeyRanges ranges,
      int[] order,
      HeadKeys spare) {
    HeadKeys packed =
        spare != null && spare.headDim == headDim && spare.capacity >= ranges.total()
            ? new HeadKeys(spare.keys, spare.values, spare.capacity, headDim, panelColumns, ranges)
            : allocate(headDim, panelColumns, ranges);
    int place = 0;
    for (int range = 0; range < ranges.count(); range++) {
      int start = ranges.start(range);
      for (int rank = start; rank < start + ranges.size(range); rank++) {
        packed.copy(key, value, head, order == null ? rank : order[rank], place++);
      }
    }
    return packed;
  }

  private static HeadKeys allocate(int headDim, int panelColumns, KeyRanges ranges) {
    int places = ranges.total();
    int panels = (headDim + panelColumns - 1) / panelColumns;
    long size = (long) places * panels * panelColumns;
    if (size > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException(
          "tokens x headDim must be below 2^31, was "
              + places
              + " x "
              + headDim
              + ": cut the document into segments");
    }
    return new HeadKeys(
        new float[places * headDim], new float[(int) size], places, headDim, panelColumns, ranges);
  }

  private void copy(
      AttentionKernel.Rows key, AttentionKernel.Rows value, int head, int token, int place) {
    int from = key.offset() + token * key.stride() + head * headDim;
    System.arraycopy(key.values(), from, keys, place * headDim, headDim);
    from = value.offset() + token * value.stride() + head * headDim;
    for (int column = 0; column < headDim; column += panelColumns) {
      int to = value(column / panelColumns, place);
      System.arraycopy(
          value.values(), from + column, values, to, Math.min(panelColumns, headDim - column));
    }
  }
}
