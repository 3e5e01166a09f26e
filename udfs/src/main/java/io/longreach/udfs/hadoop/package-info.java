/** Checkpoints on the file systems that Hadoop knows. Imports encoders' {@code checkpoint}. */
package io.longreach.udfs.hadoop;
