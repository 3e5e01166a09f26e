package io.longreach.encoders.transformer;

import io.longreach.kernels.device.Device;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Documents one behind the other without padding: document {@code d} is rows {@code firstRow(d) ..
 * firstRow(d) + tokens - 1}.
 */
public final class PackedDocuments {
  private final List<Document> documents;
  private final int[] firstRows;

  /**
   * @throws IllegalArgumentException if there is no document, or more than 2³¹ - 1 tokens
   */
  public PackedDocuments(List<Document> documents) {
    if (documents.isEmpty()) {
      throw new IllegalArgumentException("a batch must have a document: leave empty batches out");
    }
    this.documents = List.copyOf(documents);
    this.firstRows = new int[documents.size() + 1];
    for (int d = 0; d < documents.size(); d++) {
      long rows = (long) firstRows[d] + documents.get(d).tokens();
      if (rows > Integer.MAX_VALUE) {
        throw new IllegalArgumentException(
            "a batch must have fewer than 2^31 tokens: split it into several");
      }
      firstRows[d + 1] = (int) rows;
    }
  }

  /** Number of documents. */
  public int size() {
    return documents.size();
  }

  public Document document(int index) {
    return documents.get(index);
  }

  /** Row of the first token of a document; {@code firstRow(size())} is {@link #rows}. */
  public int firstRow(int index) {
    return firstRows[index];
  }

  /** Tokens of all documents. */
  public int rows() {
    return firstRows[documents.size()];
  }

  /** The rows of a document. */
  public Device.PlacedRows placed(int index) {
    return new Device.PlacedRows(firstRow(index), document(index).tokens());
  }

  /** The rows of every document. */
  public List<Device.PlacedRows> placed() {
    return IntStream.range(0, size()).mapToObj(this::placed).toList();
  }

  /** One index per row, filled document by document. */
  int[] indices(IndexSource source) {
    int[] indices = new int[rows()];
    for (int d = 0; d < documents.size(); d++) {
      source.read(documents.get(d)).next(indices, firstRows[d], firstRows[d + 1]);
    }
    return indices;
  }
}
