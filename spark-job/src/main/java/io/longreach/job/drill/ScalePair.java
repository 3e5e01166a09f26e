package io.longreach.job.drill;

/**
 * A run on one worker and one on two, and what the machine gave two processes without Spark over
 * one between them.
 */
record ScalePair(ScaleRun one, ScaleRun two, BareEncoders.Reading bare) {

  boolean isSteady() {
    return one.steady().isPresent() && two.steady().isPresent();
  }
}
