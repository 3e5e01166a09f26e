/**
 * Rows of text to Arrow batches, through an embedder, and back: the path that the main job and the
 * SQL functions share. Imports the encoders and Arrow; knows no rows or plans of Spark.
 */
package io.longreach.udfs.arrow;
