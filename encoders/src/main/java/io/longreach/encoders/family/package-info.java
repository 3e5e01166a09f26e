/**
 * The published families: how the names and the {@code config.json} of each become the parts of the
 * one transformer. Imports {@code transformer}, {@code checkpoint} and the kernels' device and
 * patterns.
 */
package io.longreach.encoders.family;
