package io.longreach.encoders;

import java.util.List;

/**
 * A loaded model with its pattern on a device: text in, vectors out. Thread-safe; open one per
 * executor and keep it.
 */
public interface Embedder extends AutoCloseable {

  /** A document after tokenization: cheap to make, and its {@code tokens} say what it will cost. */
  interface Tokens {
    /** Token ids with special tokens. */
    int[] ids();
  }

  /**
   * Opens a model.
   *
   * @throws IllegalArgumentException naming the option, its value and the remedy
   */
  static Embedder open(EmbedderOptions options) {
    return ModelEmbedder.open(options);
  }

  /**
   * Tokenizes without truncation.
   *
   * @throws IllegalArgumentException {@code text is empty} if there is nothing to embed
   */
  Tokens tokenize(String text);

  /**
   * Embeds a packed batch. A document's vector does not depend on what shares the batch, to the
   * bit.
   */
  List<Embedding> embed(List<Tokens> batch);

  /** Length of a vector. */
  int dimensions();

  /**
   * Name and fingerprint of weights, configuration and tokenizer, for example {@code
   * minilm@1a2b3c4d}.
   */
  String model();

  /** Canonical text of the pattern in use for a document of {@code tokens}. */
  String pattern(int tokens);

  /** Name of the device. */
  String device();

  @Override
  void close();
}
