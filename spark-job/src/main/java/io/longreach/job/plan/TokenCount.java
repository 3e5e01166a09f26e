package io.longreach.job.plan;

import io.longreach.encoders.EmbedderOptions;
import io.longreach.job.input.Document;
import java.io.Serializable;

/** How many tokens the documents of a partition have, asked in their order. */
@FunctionalInterface
public interface TokenCount extends Serializable {

  /** One for each partition: it may learn from the documents it has seen. */
  Counter open();

  /** Tokens of documents. */
  @FunctionalInterface
  interface Counter {
    long tokens(Document document);
  }

  /** Tokenizes every document: exact, at about a hundredth of the time that embedding takes. */
  static TokenCount exact(EmbedderOptions options) {
    return () -> new SampledTokens(options, Integer.MAX_VALUE);
  }

  /** Estimates tokens from bytes, with a ratio learned from samples of the text. */
  static TokenCount sampled(EmbedderOptions options) {
    return () -> new SampledTokens(options, SampledTokens.WHOLE_BYTES);
  }

  /** Bytes for tokens: good enough where a test or a benchmark knows that they are equal. */
  static TokenCount bytes() {
    return () -> Document::bytes;
  }
}
