package io.longreach.encoders.transformer;

import io.longreach.kernels.device.Device;
import io.longreach.kernels.device.Matrix;
import java.util.List;

/**
 * One document through all layers, a segment at a time, each layer as far ahead of the next as its
 * attention reaches: nothing is computed twice, and memory does not grow with the document.
 *
 * <p><b>Cost.</b> For each layer the rows in reach of a query and those of about two segments.
 */
public final class DocumentStream {
  private final Encoder.Parts parts;
  private final StreamedForward forward;
  private final List<LayerStream> layers;
  private final List<IndexSource.Reader> indices;
  private final int tokens;
  private int embedded;
  private int done;

  /** Rows behind the last layer. */
  public record Rows(int firstToken, Matrix states) {}

  DocumentStream(
      Encoder.Parts parts, StreamedForward forward, List<LayerStream> layers, Document document) {
    this.parts = parts;
    this.forward = forward;
    this.layers = layers;
    this.indices = parts.embeddings().stream().map(table -> table.index().read(document)).toList();
    this.tokens = document.tokens();
  }

  /** Whether all rows were handed out. */
  public boolean isDone() {
    return done == tokens;
  }

  /** The next rows, to be read before the next call. */
  public Rows next() {
    return next(() -> {});
  }

  /**
   * The same.
   *
   * @param betweenLayers runs before each layer's work; what it throws ends the stream
   */
  public Rows next(Runnable betweenLayers) {
    while (true) {
      Matrix rows = embedded < tokens ? embed() : null;
      for (LayerStream layer : layers) {
        betweenLayers.run();
        if (rows != null) {
          layer.feed(rows);
        }
        rows = layer.next();
      }
      if (rows != null) {
        if (parts.finalNorm() != null) {
          forward.device().addNorm(rows, null, parts.finalNorm(), rows);
        }
        Rows next = new Rows(done, rows);
        done += rows.rows();
        return next;
      }
    }
  }

  /** Time that attention took so far, projections aside. */
  public long attentionNanos() {
    return forward.attentionNanos();
  }

  private Matrix embed() {
    int rows = Math.min(forward.segmentTokens(), tokens - embedded);
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
