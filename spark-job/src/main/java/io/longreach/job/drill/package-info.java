/**
 * Drills: the jar as it ships on a real standalone cluster of this machine, a process each for
 * master, workers, executors and driver, which are killed at random or timed. May import
 * everything; nothing but the command line imports it.
 */
package io.longreach.job.drill;
