package io.longreach.encoders;

import java.util.List;

/**
 * One document's result.
 *
 * @param vector {@code [dimensions]}, normalised when the options say so
 * @param tokens tokens of the whole document, special tokens included
 * @param tokensUsed tokens that entered the encoder; fewer than {@code tokens} only when truncation
 *     was asked for
 * @param warnings what a reader of the vector should know, for example positions beyond the model's
 *     own range
 */
public record Embedding(float[] vector, long tokens, long tokensUsed, List<String> warnings) {}
