/**
 * Functions of users over Arrow batches, as nodes of Spark's plans: rows become batches, a function
 * of the JVM maps them, and the results become rows. Imports {@code arrow} and {@code
 * CatalystNode}; knows no embedder.
 */
package io.longreach.udfs.map;
