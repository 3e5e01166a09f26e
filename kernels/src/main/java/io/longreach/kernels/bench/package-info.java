/**
 * How the project measures itself: one runner for the kernels', the encoders' and the job's
 * benchmarks. Imports the rest of this module; nothing imports it but benchmarks.
 */
package io.longreach.kernels.bench;
