/**
 * Benchmarks of the encoders, and the report of all benchmarks as table, JSON and Markdown. Nothing
 * imports it but the command line.
 */
package io.longreach.encoders.bench;
