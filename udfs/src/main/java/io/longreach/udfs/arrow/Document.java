package io.longreach.udfs.arrow;

import io.longreach.encoders.Embedder;
import java.nio.IntBuffer;
import java.util.function.Supplier;

/**
 * A document, tokenized.
 *
 * @param text decoded when asked for
 * @param spans stretches of the text that are asked for, see {@link TextRow#spans}; null for none
 */
public record Document(Supplier<String> text, Embedder.Tokens tokens, IntBuffer spans) {}
