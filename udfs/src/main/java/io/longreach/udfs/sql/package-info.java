/**
 * The Spark SQL functions and the session extension that registers them. Imports the embedders of
 * {@code udfs} and the encoders; knows Spark's Catalyst.
 */
package io.longreach.udfs.sql;
