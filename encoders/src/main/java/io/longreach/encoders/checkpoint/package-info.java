/**
 * Checkpoint folders as they are published: safetensors, configuration files, tokenizers, from a
 * local folder, any file system that an opener knows, or the hub. Nothing read here is trusted: no
 * length is believed before it is checked. Imports {@code family} for {@code TensorSource} and
 * {@code text} for {@code JsonProblem} only.
 */
package io.longreach.encoders.checkpoint;
