/**
 * Text to embeddings: {@link io.longreach.encoders.Embedder} opens a model with a pattern and turns
 * documents into vectors. No Spark here. Imports the kernels' patterns, plans and device.
 */
package io.longreach.encoders;
