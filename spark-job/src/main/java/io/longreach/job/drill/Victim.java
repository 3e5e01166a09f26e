package io.longreach.job.drill;

import java.util.Locale;

/** Which process a drill kills. */
enum Victim {
  DRIVER,
  EXECUTOR,
  WORKER;

  /** As people write it. */
  String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
