package io.longreach.kernels.cpu;

/**
 * Keys and values of one head, copied into rank order so that tiles are contiguous whatever the
 * order and the row stride.
 *
 * @param keys {@code [rank, headDim]}
 * @param values in panels of columns, {@code [panel][rank][panelColumns]}, the last one padded with
 *     zeros: a constant step from rank to rank lets C2 drop the bounds checks
 * @param ranks keys
 * @param order rank to token, null for the identity
 */
record HeadKeys(
    float[] keys, float[] values, int ranks, int headDim, int panelColumns, int[] order) {

  /** First element of a rank's row in a panel. */
  int value(int panel, int rank) {
    return (panel * ranks + rank) * panelColumns;
  }

  static HeadKeys pack(
      AttentionKernel.Rows key,
      AttentionKernel.Rows value,
      int head,
      int headDim,
      int panelColumns,
      int ranks,
      int[] order) {
    int panels = (headDim + panelColumns - 1) / panelColumns;
    long size = (long) ranks * panels * panelColumns;
    if (size > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException(
          "tokens x headDim must be below 2^31, was "
              + ranks
              + " x "
              + headDim
              + ": cut the document into segments");
    }
    HeadKeys packed =
        new HeadKeys(
            new float[ranks * headDim], new float[(int) size], ranks, headDim, panelColumns, order);
    for (int rank = 0; rank < ranks; rank++) {
      int token = order == null ? rank : order[rank];
      int from = key.offset() + token * key.stride() + head * headDim;
      System.arraycopy(key.values(), from, packed.keys, rank * headDim, headDim);
      from = value.offset() + token * value.stride() + head * headDim;
      for (int panel = 0; panel < panels; panel++) {
        int column = panel * panelColumns;
        int width = Math.min(panelColumns, headDim - column);
        System.arraycopy(
            value.values(), from + column, packed.values, packed.value(panel, rank), width);
      }
    }
    return packed;
  }
}
