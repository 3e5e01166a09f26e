/**
 * What a query may see: the patterns of the literature as immutable records, their text form
 * ({@link io.longreach.kernels.pattern.PatternGrammar}), and their specification {@code
 * attends(query, key, tokens)}. A pattern also says its connections as {@link
 * io.longreach.kernels.pattern.KeyPart}s, which is all that lowering reads, so that a new pattern
 * is one record with its tests. Imports nothing of this project.
 */
package io.longreach.kernels.pattern;
