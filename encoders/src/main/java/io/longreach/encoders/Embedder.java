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

    /**
     * Positions of the document's own global tokens, ascending; null for those that the options
     * say.
     */
    default int[] globalTokens() {
      return null;
    }
  }

  /**
   * Tokens with their places in the text, one entry per token.
   *
   * @see io.longreach.encoders.text.TokenizedText
   */
  interface PlacedTokens extends Tokens {
    /** First char of each token in the text, in UTF-16 units; special tokens have empty spans. */
    int[] starts();

    /** One past the last char of each token. */
    int[] ends();
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
   * What is known of a model without reading its weights.
   *
   * @throws IllegalArgumentException naming the option, its value and the remedy
   */
  static ModelDescription describe(EmbedderOptions options) {
    return ModelEmbedder.describe(options);
  }

  /**
   * Tokenizes without truncation.
   *
   * @throws IllegalArgumentException {@code text is empty} if there is nothing to embed
   */
  Tokens tokenize(String text);

  /**
   * The same for a text of any length.
   *
   * @param betweenPieces runs between pieces of the text; what it throws ends the call: the place
   *     to cancel
   */
  default Tokens tokenize(String text, Runnable betweenPieces) {
    return tokenize(text);
  }

  /** The same with the tokens' places, at about twice the time. */
  PlacedTokens tokenizeWithPlaces(String text);

  /** The same with the tokens' places for a text of any length. */
  default PlacedTokens tokenizeWithPlaces(String text, Runnable betweenPieces) {
    return tokenizeWithPlaces(text);
  }

  /**
   * The same tokens with global tokens of the document's own, of models that project them apart
   * (Longformer).
   *
   * @param globalTokens as {@link AttentionChoices} reads it; {@code auto} for those that the
   *     options say
   * @throws IllegalArgumentException if it cannot be read, or the model has no use for it
   */
  Tokens withGlobalTokens(Tokens tokens, String globalTokens);

  /**
   * Embeds a packed batch. A document's vector does not depend on what shares the batch, to the
   * bit.
   */
  List<Embedding> embed(List<Tokens> batch);

  /**
   * Encodes a packed batch and shows the states of each document, from which any number of vectors
   * can be pooled. They depend on nothing but the document, to the bit.
   */
  void encode(List<? extends Tokens> batch, EncodingListener listener);

  /**
   * The vector of a span of a document's tokens, pooled and scaled as the options say. Of a whole
   * document's states a span's vector carries the document's context: late chunking.
   *
   * <p><b>Source.</b> Günther et al., Late Chunking, 2024.
   */
  float[] vector(HiddenStates states, int firstToken, int lastToken);

  /** The same, pooled and scaled otherwise than the options say: one pass, many vectors. */
  float[] vector(HiddenStates states, int firstToken, int lastToken, VectorOptions output);

  /** Length of a vector. */
  int dimensions();

  /**
   * Name and fingerprint of weights, configuration and tokenizer, for example {@code
   * minilm@1a2b3c4d}.
   */
  String model();

  /** Canonical text of the pattern in use for a document of {@code tokens}. */
  String pattern(int tokens);

  /**
   * Bytes of states that encoding a document takes at most, about; its text and token ids are not
   * among them. What streams takes no more however long it is.
   */
  default long bytes(Tokens document) {
    return 0;
  }

  /** Name of the device. */
  String device();

  @Override
  void close();
}
