/** The main job: plan by cost, embed in Arrow batches, write, and say what was done. */
package io.longreach.job.embed;
