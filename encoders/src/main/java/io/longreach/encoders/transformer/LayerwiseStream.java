package io.longreach.encoders.transformer;

import io.longreach.kernels.device.Device;
import io.longreach.kernels.device.Matrix;
import java.util.List;

/**
 * One document layer by layer, for global tokens: they see every token, and every token sees them,
 * so that a layer needs all of the layer before. The states between two layers lie in a temporary
 * file; in memory are a segment, what a window reaches, and the global tokens.
 *
 * <p><b>Semantics.</b> The same as the document in one piece, to rounding.
 *
 * <p><b>Cost.</b> Every layer once; on the disk {@code 8 * hidden} bytes per token, in the folder
 * {@code java.io.tmpdir}.
 */
final class LayerwiseStream implements DocumentStream {
  private final Encoder.Parts parts;
  private final StreamedForward forward;
  private final List<LayerStream> layers;
  private final Document document;
  private RowFile states;
  private int done;

  LayerwiseStream(
      Encoder.Parts parts, StreamedForward forward, List<LayerStream> layers, Document document) {
    this.parts = parts;
    this.forward = forward;
    this.layers = layers;
    this.document = document;
  }

  @Override
  public boolean isDone() {
    return done == document.tokens();
  }

  /** {@inheritDoc} The first call goes through all layers. */
  @Override
  public Rows next(Runnable betweenLayers) {
    if (states == null) {
      states = embedded();
      for (LayerStream layer : layers) {
        pass(layer, betweenLayers);
      }
    }
    Matrix rows = segment(done);
    parts.finish(forward.device(), rows);
    Rows next = new Rows(done, rows);
    done += rows.rows();
    return next;
  }

  private RowFile embedded() {
    RowFile file = RowFile.temporary(parts.hidden());
    EmbeddedRows source = new EmbeddedRows(parts, forward, document);
    for (Matrix rows = source.next(); rows != null; rows = source.next()) {
      file.append(forward.device().download(rows, 0, rows.rows()));
    }
    return file;
  }

  /**
   * Rows from the file, in a matrix that all segments share: on a GPU each new one takes memory.
   */
  private Matrix segment(int first) {
    int count = Math.min(forward.segmentTokens(), document.tokens() - first);
    Matrix rows = forward.shared("segment", count, parts.hidden());
    int[] all = RowQueue.range(0, count);
    Device device = forward.device();
    try (Device.Scope scope = device.scope()) {
      device.copyRows(
          device.upload(states.read(first, count), count, parts.hidden()), all, rows, all);
    }
    return rows;
  }

  private void pass(LayerStream layer, Runnable betweenLayers) {
    Device device = forward.device();
    int[] globals = layer.globalTokens();
    if (globals.length > 0) {
      layer.begin(device.upload(states.read(globals), globals.length, parts.hidden()));
    }
    RowFile next = RowFile.temporary(parts.hidden());
    try (RowFile before = states) {
      for (int first = 0; first < document.tokens(); ) {
        betweenLayers.run();
        Matrix rows = segment(first);
        first += rows.rows();
        layer.feed(rows);
        for (Matrix ready = layer.next(); ready != null; ready = layer.next()) {
          next.append(device.download(ready, 0, ready.rows()));
        }
      }
      if (globals.length > 0) {
        next.write(globals, device.download(layer.globals(), 0, globals.length));
      }
    } finally {
      states = next;
    }
  }

  @Override
  public long attentionNanos() {
    return forward.attentionNanos();
  }

  @Override
  public void close() {
    if (states != null) {
      states.close();
    }
  }
}
