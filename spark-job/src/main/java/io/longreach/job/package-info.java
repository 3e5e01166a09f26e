/**
 * The command line: {@code bin/longreach} and {@code spark-submit} both start {@link
 * io.longreach.job.Main}. Each subcommand is a class here; the work is in the packages below.
 */
package io.longreach.job;
