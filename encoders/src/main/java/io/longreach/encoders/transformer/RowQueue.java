package io.longreach.encoders.transformer;

import io.longreach.kernels.device.Device;
import io.longreach.kernels.device.Matrix;
import java.util.stream.IntStream;

/**
 * Rows of a document that wait on the device: appended behind, dropped in front.
 *
 * <p>Two matrices take turns, so that rows never overlap where they are moved.
 */
final class RowQueue {
  private final Device device;
  private final int columns;
  private Matrix rows;
  private Matrix spare;
  private int firstToken;
  private int count;

  RowQueue(Device device, int columns) {
    this.device = device;
    this.columns = columns;
  }

  int firstToken() {
    return firstToken;
  }

  int count() {
    return count;
  }

  /** The rows; the matrix may have more of them, which mean nothing. */
  Matrix matrix() {
    return rows;
  }

  /** Appends rows, and drops those before a token. */
  void append(Matrix more, int keepFrom) {
    int kept = firstToken + count - keepFrom;
    int size = kept + more.rows();
    Matrix to = spare != null && spare.rows() >= size ? spare : device.allocate(size, columns);
    if (kept > 0) {
      device.copyRows(rows, range(keepFrom - firstToken, kept), to, range(0, kept));
    }
    device.copyRows(more, range(0, more.rows()), to, range(kept, more.rows()));
    spare = rows;
    rows = to;
    firstToken = keepFrom;
    count = size;
  }

  /** Copies the rows of tokens {@code [first, first + to.rows())}. */
  void copy(int first, Matrix to) {
    device.copyRows(rows, range(first - firstToken, to.rows()), to, range(0, to.rows()));
  }

  static int[] range(int first, int count) {
    return IntStream.range(first, first + count).toArray();
  }
}
