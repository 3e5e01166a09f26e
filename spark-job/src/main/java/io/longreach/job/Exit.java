package io.longreach.job;

import org.apache.spark.SparkUserAppException;

/** How the process ends, so that whoever started it learns its status. */
final class Exit {

  private Exit() {}

  /**
   * Ends with a status, see {@link ExitStatus}.
   *
   * <p>In a driver that is YARN's application master this returns or throws instead: Spark reports
   * an application that calls {@code System.exit} as failed, whatever the status, and YARN starts
   * it again. YARN knows success and failure only; documents that failed are no failure of the
   * application, as starting it again would not mend them.
   *
   * @throws SparkUserAppException with the status, which becomes the application's diagnostics
   */
  static void with(int status) throws SparkUserAppException {
    if (!inApplicationMaster()) {
      System.exit(status);
    }
    if (status != ExitStatus.DONE && status != ExitStatus.DONE_WITH_FAILURES) {
      throw new SparkUserAppException(status, null);
    }
  }

  /** Spark sets these where it runs the main class inside of the application master. */
  private static boolean inApplicationMaster() {
    return System.getProperty("spark.yarn.app.id") != null
        && "cluster".equals(System.getProperty("spark.submit.deployMode"));
  }
}
