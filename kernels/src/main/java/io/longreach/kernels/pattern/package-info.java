/**
 * What a query may see: the patterns of the literature as immutable records, their text form, and
 * their specification {@code attends(query, key, tokens)}. Imports nothing of this project.
 */
package io.longreach.kernels.pattern;
