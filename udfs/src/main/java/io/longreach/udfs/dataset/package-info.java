/**
 * The Java and Scala API: the SQL functions as functions of columns and Datasets, and functions of
 * users over Arrow batches. Imports {@code sql} and {@code map}.
 */
package io.longreach.udfs.dataset;
