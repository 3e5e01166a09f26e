package io.longreach.encoders.hub;

import java.util.Locale;

/** Is told how a download gets on. */
@FunctionalInterface
public interface HubProgress {

  /**
   * More of a file is there.
   *
   * @param done bytes that are there, those of an earlier attempt included
   */
  void downloaded(String file, long done, long all);

  /** A line on the error stream for every tenth of a large file. */
  static HubProgress onErrorStream() {
    return new HubProgress() {
      private static final long LARGE = 4 << 20;
      private String current = "";
      private long tenth;

      @Override
      public synchronized void downloaded(String file, long done, long all) {
        if (!file.equals(current)) {
          current = file;
          tenth = -1;
        }
        if (all >= LARGE && 10 * done / all > tenth) {
          tenth = 10 * done / all;
          System.err.printf(
              Locale.ROOT, "Downloading %s: %,d of %,d MB%n", file, done >> 20, all >> 20);
        }
      }
    };
  }
}
