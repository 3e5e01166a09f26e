package io.longreach.udfs.arrow;

/**
 * A row's result.
 *
 * @param embedding null where {@code error} is set
 * @param tokens tokens of the text, 0 where it could not be tokenized
 * @param tokensUsed tokens that entered the encoder
 * @param pattern the attention pattern used, null where {@code error} is set
 * @param bytes UTF-8 bytes of the text
 * @param error why there is no embedding, null where there is one
 */
public record EmbeddedRow<T>(
    T row,
    float[] embedding,
    long tokens,
    long tokensUsed,
    String pattern,
    long bytes,
    String error) {}
