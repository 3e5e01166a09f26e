package io.longreach.encoders.transformer;

import io.longreach.kernels.device.Device;
import io.longreach.kernels.device.Matrix;
import java.util.List;

/** The input of the first layer, a segment at a time. */
final class EmbeddedRows {
  private final Encoder.Parts parts;
  private final StreamedForward forward;
  private final List<IndexSource.Reader> indices;
  private final int tokens;
  private int embedded;

  EmbeddedRows(Encoder.Parts parts, StreamedForward forward, Document document) {
    this.parts = parts;
    this.forward = forward;
    this.indices = parts.embeddings().stream().map(table -> table.index().read(document)).toList();
    this.tokens = document.tokens();
  }

  /** The next rows, to be read before the next call; null behind the last. */
  Matrix next() {
    int rows = Math.min(forward.segmentTokens(), tokens - embedded);
    if (rows == 0) {
      return null;
    }
    Device.Table[] tables = new Device.Table[indices.size()];
    int[][] places = new int[tables.length][rows];
    for (int t = 0; t < tables.length; t++) {
      tables[t] = parts.embeddings().get(t).table();
      indices.get(t).next(places[t], 0, rows);
    }
    Matrix hidden = forward.shared("embedded", rows, parts.hidden());
    forward.device().embed(tables, places, hidden);
    if (parts.embeddingNorm() != null) {
      forward.device().addNorm(hidden, null, parts.embeddingNorm(), hidden);
    }
    embedded += rows;
    return hidden;
  }
}
