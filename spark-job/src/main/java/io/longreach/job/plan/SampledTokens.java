package io.longreach.job.plan;

import io.longreach.encoders.Embedder;
import io.longreach.encoders.EmbedderOptions;
import io.longreach.job.input.Document;
import io.longreach.udfs.Embedders;
import java.nio.charset.StandardCharsets;

/**
 * Tokens estimated from bytes. The ratio of a partition is learned from its first documents and
 * from one in {@value #EVERY} behind them; a long document has a ratio of its own, from slices at
 * its start, middle and end.
 */
final class SampledTokens implements TokenCount.Counter {
  /** Texts up to here may be tokenized whole. */
  static final int WHOLE_BYTES = 16 << 10;

  private static final int EVERY = 64;
  private static final int FIRST_BYTES = 64 << 10;
  private static final int SLICE_BYTES = 4 << 10;
  private static final int SLICES = 3;
  private static final double USUAL_BYTES_PER_TOKEN = 4.5;

  private final Embedder embedder;
  private final int wholeBytes;
  private long sampledBytes;
  private long sampledTokens;
  private long seen;

  /** Texts of at most {@code wholeBytes} may be tokenized whole, all where it has no bound. */
  SampledTokens(EmbedderOptions options, int wholeBytes) {
    this.embedder = Embedders.get(options);
    this.wholeBytes = wholeBytes;
  }

  @Override
  public long tokens(Document document) {
    byte[] utf8 = document.utf8();
    if (utf8 == null || utf8.length == 0) {
      return 0;
    }
    if (utf8.length > wholeBytes) {
      return slices(utf8);
    }
    boolean exact = wholeBytes == Integer.MAX_VALUE;
    if (exact || sampledBytes < FIRST_BYTES || seen++ % EVERY == 0) {
      long tokens = count(utf8, 0, utf8.length);
      if (tokens > 0) {
        sampledBytes += utf8.length;
        sampledTokens += tokens;
        return tokens;
      }
    }
    return estimate(utf8.length, sampledBytes, sampledTokens);
  }

  private long slices(byte[] utf8) {
    long tokens = 0;
    for (int slice = 0; slice < SLICES; slice++) {
      int from = (int) ((long) slice * (utf8.length - SLICE_BYTES) / (SLICES - 1));
      tokens += count(utf8, from, SLICE_BYTES);
    }
    return estimate(utf8.length, (long) SLICES * SLICE_BYTES, tokens);
  }

  private static long estimate(long bytes, long sampledBytes, long sampledTokens) {
    double bytesPerToken =
        sampledTokens == 0 ? USUAL_BYTES_PER_TOKEN : (double) sampledBytes / sampledTokens;
    return Math.max(1, Math.round(bytes / bytesPerToken));
  }

  /** 0 where there is nothing to count, or nothing that can be tokenized: embedding will say so. */
  private long count(byte[] utf8, int from, int length) {
    try {
      return embedder.tokenize(new String(utf8, from, length, StandardCharsets.UTF_8)).ids().length;
    } catch (RuntimeException | OutOfMemoryError e) {
      return 0;
    }
  }
}
