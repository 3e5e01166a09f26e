package io.longreach.encoders;

import java.io.Serializable;

/**
 * How to embed: plain strings and numbers, so that they travel to executors; an executor opens its
 * own {@link Embedder} from them.
 *
 * @param model {@code minilm}, {@code bge-small}, the path or URI of a checkpoint folder, or {@code
 *     org/name[@revision]} of the Hugging Face hub
 * @param pattern text form of the attention pattern, or {@code auto}: dense for documents within
 *     the model's own positions, {@code window(256)} beyond
 * @param positions {@code tile}, {@code stretch} or {@code native}
 * @param maxTokens truncates longer documents, 0 for never
 * @param device {@code auto}, {@code cpu} or {@code cuda}, see {@link DeviceName}
 * @param threads threads for one forward pass
 * @param prompt what goes before every text: the name of one of the checkpoint's prompts, a prefix
 *     as it stands, such as {@code "query: "}, {@code auto} for the checkpoint's default prompt if
 *     it has one, or empty for none
 * @param output which vector the states become
 * @param choices what the checkpoint leaves open about its own attention
 * @param limitBytes documents whose states would take more are streamed, where their attention is
 *     of bounded reach, global tokens aside: the same vectors in memory that does not grow with the
 *     document
 */
public record EmbedderOptions(
    String model,
    String pattern,
    String positions,
    int maxTokens,
    String device,
    int threads,
    String prompt,
    VectorOptions output,
    AttentionChoices choices,
    long limitBytes)
    implements Serializable {
  private static final long DEFAULT_LIMIT_BYTES = 256L << 20;

  public EmbedderOptions {
    if (limitBytes < 0) {
      throw new IllegalArgumentException(
          "limitBytes must not be negative, was " + limitBytes + ": use 0 to stream all documents");
    }
  }

  /** Documents beyond 256 MiB of states are streamed. */
  public EmbedderOptions(
      String model,
      String pattern,
      String positions,
      int maxTokens,
      String device,
      int threads,
      String prompt,
      VectorOptions output,
      AttentionChoices choices) {
    this(
        model,
        pattern,
        positions,
        maxTokens,
        device,
        threads,
        prompt,
        output,
        choices,
        DEFAULT_LIMIT_BYTES);
  }

  /** With the prompt and the vector that the model was made for. */
  public EmbedderOptions(
      String model, String pattern, String positions, int maxTokens, String device, int threads) {
    this(model, pattern, positions, maxTokens, device, threads, "auto", VectorOptions.defaults());
  }

  /** With the global tokens and random blocks that the model was trained with. */
  public EmbedderOptions(
      String model,
      String pattern,
      String positions,
      int maxTokens,
      String device,
      int threads,
      String prompt,
      VectorOptions output) {
    this(
        model,
        pattern,
        positions,
        maxTokens,
        device,
        threads,
        prompt,
        output,
        AttentionChoices.defaults());
  }

  /** The same with another model. */
  public EmbedderOptions withModel(String other) {
    return new EmbedderOptions(
        other, pattern, positions, maxTokens, device, threads, prompt, output, choices, limitBytes);
  }

  /** The same with another number of threads: results are the same bits. */
  public EmbedderOptions withThreads(int other) {
    return new EmbedderOptions(
        model, pattern, positions, maxTokens, device, other, prompt, output, choices, limitBytes);
  }

  /** The same on another device, named as {@link DeviceName} reads it. */
  public EmbedderOptions withDevice(String other) {
    return new EmbedderOptions(
        model, pattern, positions, maxTokens, other, threads, prompt, output, choices, limitBytes);
  }

  /** The same with another limit, beyond which documents are streamed. */
  public EmbedderOptions withLimitBytes(long other) {
    return new EmbedderOptions(
        model, pattern, positions, maxTokens, device, threads, prompt, output, choices, other);
  }

  public static EmbedderOptions defaults() {
    return new EmbedderOptions("minilm", "auto", "tile", 0, "auto", 1);
  }
}
