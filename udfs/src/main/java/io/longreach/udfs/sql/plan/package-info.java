/**
 * Batches in Spark's plans: rules that put the embedding functions into nodes of their own, and the
 * physical node that runs them in Arrow batches. Imports the functions, the Arrow path and Spark's
 * planner.
 */
package io.longreach.udfs.sql.plan;
