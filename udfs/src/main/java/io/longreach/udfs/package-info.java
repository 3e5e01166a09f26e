/** Embeddings inside Spark. Imports the encoders; {@code spark-job} builds on it. */
package io.longreach.udfs;
