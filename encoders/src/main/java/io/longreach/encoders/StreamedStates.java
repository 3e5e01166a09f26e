package io.longreach.encoders;

import io.longreach.encoders.transformer.DocumentStream;
import io.longreach.kernels.device.Device;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;

/** States that are computed as they are read; only a segment of them is ever in memory. */
final class StreamedStates implements HiddenStates {
  private final Supplier<DocumentStream> open;
  private final Device device;
  private final EncodingListener listener;
  private final int tokens;
  private final int tokensUsed;
  private final int columns;
  private final String pattern;
  private final List<String> warnings;

  private DocumentStream stream;
  private float[] segment = {};
  private int firstToken;
  private int segments;

  StreamedStates(
      Supplier<DocumentStream> open,
      Device device,
      EncodingListener listener,
      int tokens,
      int tokensUsed,
      int columns,
      String pattern,
      List<String> warnings) {
    this.open = open;
    this.device = device;
    this.listener = listener;
    this.tokens = tokens;
    this.tokensUsed = tokensUsed;
    this.columns = columns;
    this.pattern = pattern;
    this.warnings = warnings;
  }

  @Override
  public int tokens() {
    return tokens;
  }

  @Override
  public int tokensUsed() {
    return tokensUsed;
  }

  @Override
  public int columns() {
    return columns;
  }

  @Override
  public String pattern() {
    return pattern;
  }

  @Override
  public float[] rows(int first, int last) {
    Objects.checkFromToIndex(first, last, tokensUsed);
    float[] rows = new float[Math.multiplyExact(last - first, columns)];
    for (int token = first; token < last; ) {
      seek(token);
      int from = (token - firstToken) * columns;
      int length = Math.min(segment.length - from, (last - token) * columns);
      System.arraycopy(segment, from, rows, (token - first) * columns, length);
      token += length / columns;
    }
    return rows;
  }

  private void seek(int token) {
    if (stream == null || token < firstToken) {
      close();
      stream = open.get();
      firstToken = 0;
      segment = new float[0];
    }
    while (token >= firstToken + segment.length / columns) {
      DocumentStream.Rows next = stream.next(listener::betweenLayers);
      firstToken = next.firstToken();
      segment = device.download(next.states(), 0, next.states().rows());
      listener.layer(segments++);
    }
  }

  @Override
  public List<String> warnings() {
    return warnings;
  }

  /** Reports the time of attention, and lets the stream go. */
  void close() {
    if (stream != null) {
      listener.attended(stream.attentionNanos());
      stream.close();
      stream = null;
    }
  }
}
