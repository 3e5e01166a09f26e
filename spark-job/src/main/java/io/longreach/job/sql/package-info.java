/** The SQL prompt: statements in, rows out. Imports Spark SQL; knows no function of ours. */
package io.longreach.job.sql;
