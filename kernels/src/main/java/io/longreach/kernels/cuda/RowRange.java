package io.longreach.kernels.cuda;

import io.longreach.kernels.device.Device.PlacedRows;
import java.util.List;

/**
 * From the first row of some documents to the last.
 *
 * @param isFull whether there are no rows of others in between
 */
record RowRange(int firstRow, int lastRow, boolean isFull) {

  /**
   * @param documents at least one; no two have a row in common
   */
  static RowRange of(List<PlacedRows> documents) {
    int firstRow = Integer.MAX_VALUE;
    int lastRow = 0;
    long rows = 0;
    for (PlacedRows document : documents) {
      firstRow = Math.min(firstRow, document.firstRow());
      lastRow = Math.max(lastRow, document.firstRow() + document.tokens());
      rows += document.tokens();
    }
    return new RowRange(firstRow, lastRow, rows == (long) lastRow - firstRow);
  }

  int count() {
    return lastRow - firstRow;
  }
}
