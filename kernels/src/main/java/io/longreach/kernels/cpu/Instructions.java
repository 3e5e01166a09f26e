package io.longreach.kernels.cpu;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the CPU kernels are made of. */
public enum Instructions {
  /** The JDK Vector API, at the width of {@code longreach.vectorBits} or the machine's own. */
  VECTOR,
  /** Plain Java: the same results to float rounding, many times slower. */
  SCALAR;

  private static final Logger LOG = LoggerFactory.getLogger(Instructions.class);

  /** The best this JVM can run; says once, in the log, why it is not {@link #VECTOR}. */
  public static Instructions best() {
    return Best.CHOICE;
  }

  private static final class Best {
    static final Instructions CHOICE = choose();

    private static Instructions choose() {
      if (ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent()) {
        return VECTOR;
      }
      LOG.warn(
          "the module jdk.incubator.vector is absent, so the CPU kernels run as plain Java, many"
              + " times slower: start Java with --add-modules jdk.incubator.vector");
      return SCALAR;
    }
  }
}
