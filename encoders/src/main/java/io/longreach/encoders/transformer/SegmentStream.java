package io.longreach.encoders.transformer;

import io.longreach.kernels.device.Matrix;
import java.util.List;

/**
 * One document through all layers, a segment at a time, each layer as far ahead of the next as its
 * attention reaches: nothing is computed twice, and memory does not grow with the document.
 *
 * <p><b>Cost.</b> For each layer the rows in reach of a query and those of about two segments.
 */
final class SegmentStream implements DocumentStream {
  private final Encoder.Parts parts;
  private final StreamedForward forward;
  private final List<LayerStream> layers;
  private final EmbeddedRows embedded;
  private final int tokens;
  private int done;

  SegmentStream(
      Encoder.Parts parts, StreamedForward forward, List<LayerStream> layers, Document document) {
    this.parts = parts;
    this.forward = forward;
    this.layers = layers;
    this.embedded = new EmbeddedRows(parts, forward, document);
    this.tokens = document.tokens();
  }

  @Override
  public boolean isDone() {
    return done == tokens;
  }

  @Override
  public Rows next(Runnable betweenLayers) {
    while (true) {
      Matrix rows = embedded.next();
      for (LayerStream layer : layers) {
        betweenLayers.run();
        if (rows != null) {
          layer.feed(rows);
        }
        rows = layer.next();
      }
      if (rows != null) {
        parts.finish(forward.device(), rows);
        Rows next = new Rows(done, rows);
        done += rows.rows();
        return next;
      }
    }
  }

  @Override
  public long attentionNanos() {
    return forward.attentionNanos();
  }

  @Override
  public void close() {}
}
