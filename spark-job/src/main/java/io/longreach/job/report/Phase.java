package io.longreach.job.report;

import java.util.Locale;
import java.util.Optional;

/** What the time of a run's cores is spent on. */
public enum Phase {
  /** From the start of the command to its first task, on all cores, and opening models in tasks. */
  START,
  /** Reading the input once for its lengths. */
  PLAN,
  /** Reading the documents, and bringing them to their tasks. */
  READ,
  TOKENIZE,
  /** The encoder without its attention: linear layers, norms, activations, pooling. */
  LINEAR,
  ATTENTION,
  /** Waiting until there is memory for a document. */
  WAIT,
  WRITE,
  /** Packing batches, hashing, and reading back what was written. */
  OTHER;

  private static final String PREFIX = "longreach: ";

  /** How it is written for people. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** What Spark's own page calls a job of this phase. */
  public String description() {
    return PREFIX + label();
  }

  /** The phase of a job of Spark, if it is one of ours. */
  public static Optional<Phase> ofDescription(String description) {
    for (Phase phase : values()) {
      if (phase.description().equals(description)) {
        return Optional.of(phase);
      }
    }
    return Optional.empty();
  }
}
