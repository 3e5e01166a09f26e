package io.longreach.job.embed;

import io.longreach.job.plan.Totals;
import java.io.PrintStream;
import java.util.Locale;

/** The progress line. */
final class Progress implements AutoCloseable {
  private static final long TERMINAL_MILLIS = 500;
  private static final long LOG_MILLIS = 5_000;

  private final PrintStream out;
  private final Totals totals;
  private final RunListener run;
  private final Counters counters;
  private final boolean terminal = Boolean.getBoolean("longreach.terminal");
  private final long start = System.nanoTime();
  private final Thread printer;
  private volatile boolean closed;
  private int width;

  Progress(PrintStream out, Totals totals, RunListener run, Counters counters) {
    this.out = out;
    this.totals = totals;
    this.run = run;
    this.counters = counters;
    this.printer = new Thread(this::printUntilClosed, "longreach-progress");
    printer.setDaemon(true);
    printer.start();
  }

  private void printUntilClosed() {
    while (!closed) {
      try {
        Thread.sleep(terminal ? TERMINAL_MILLIS : LOG_MILLIS);
      } catch (InterruptedException e) {
        return;
      }
      if (!closed) {
        print();
      }
    }
  }

  private synchronized void print() {
    String line =
        line(
            totals.documents(),
            totals.tokens(),
            run.total(counters.documents),
            run.total(counters.tokensUsed),
            (System.nanoTime() - start) / 1e9);
    if (terminal) {
      out.print("\r" + line + " ".repeat(Math.max(0, width - line.length())));
      width = line.length();
    } else {
      out.println(line);
    }
    out.flush();
  }

  /** Where no document is left, the estimate gives way to what was counted. */
  static String line(
      long totalDocuments,
      long estimatedTokens,
      long doneDocuments,
      long doneTokens,
      double seconds) {
    long totalTokens =
        doneDocuments == totalDocuments ? doneTokens : Math.max(doneTokens, estimatedTokens);
    double rate = doneTokens / Math.max(seconds, 1e-3);
    String left = doneTokens == 0 ? "?" : duration((totalTokens - doneTokens) / rate);
    return String.format(
        Locale.ROOT,
        "%,d of %,d documents, %,d of about %,d tokens, %,.0f tokens/s, %s left",
        doneDocuments,
        totalDocuments,
        doneTokens,
        totalTokens,
        rate,
        left);
  }

  static String duration(double seconds) {
    long whole = Math.round(seconds);
    if (whole < 60) {
      return whole + " s";
    }
    return whole < 3600
        ? String.format(Locale.ROOT, "%d min %02d s", whole / 60, whole % 60)
        : String.format(Locale.ROOT, "%d h %02d min", whole / 3600, whole % 3600 / 60);
  }

  /** Stops, and ends the line. */
  @Override
  public void close() {
    closed = true;
    printer.interrupt();
    print();
    if (terminal) {
      out.println();
    }
  }
}
