package io.longreach.job.embed;

import java.io.PrintStream;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.spark.scheduler.AccumulableInfo;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorMetricsUpdate;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.util.LongAccumulator;
import scala.Tuple4;
import scala.jdk.javaapi.CollectionConverters;

/**
 * The progress line. Running tasks report their counts with their executors' heartbeats, finished
 * tasks with their end.
 */
final class Progress extends SparkListener implements AutoCloseable {
  private static final double BYTES_PER_TOKEN = 4.5;
  private static final long TERMINAL_MILLIS = 500;
  private static final long LOG_MILLIS = 5_000;

  /** Counts of one running task. */
  private record Counts(long documents, long tokens, long bytes) {}

  private final PrintStream out;
  private final long totalDocuments;
  private final long totalBytes;
  private final LongAccumulator documents;
  private final LongAccumulator tokens;
  private final LongAccumulator bytes;
  private final Map<Long, Counts> running = new ConcurrentHashMap<>();
  private final boolean terminal = Boolean.getBoolean("longreach.terminal");
  private final long start = System.nanoTime();
  private final Thread printer;
  private volatile boolean closed;
  private int width;

  Progress(
      PrintStream out,
      long totalDocuments,
      long totalBytes,
      LongAccumulator documents,
      LongAccumulator tokens,
      LongAccumulator bytes) {
    this.out = out;
    this.totalDocuments = totalDocuments;
    this.totalBytes = totalBytes;
    this.documents = documents;
    this.tokens = tokens;
    this.bytes = bytes;
    this.printer = new Thread(this::printUntilClosed, "longreach-progress");
    printer.setDaemon(true);
    printer.start();
  }

  @Override
  public void onExecutorMetricsUpdate(SparkListenerExecutorMetricsUpdate update) {
    for (Tuple4<Object, Object, Object, scala.collection.immutable.Seq<AccumulableInfo>> task :
        CollectionConverters.asJava(update.accumUpdates())) {
      long taskDocuments = 0;
      long taskTokens = 0;
      long taskBytes = 0;
      for (AccumulableInfo info : CollectionConverters.asJava(task._4())) {
        if (info.update().isDefined() && info.update().get() instanceof Long value) {
          taskDocuments += info.id() == documents.id() ? value : 0;
          taskTokens += info.id() == tokens.id() ? value : 0;
          taskBytes += info.id() == bytes.id() ? value : 0;
        }
      }
      running.put((Long) task._1(), new Counts(taskDocuments, taskTokens, taskBytes));
    }
  }

  @Override
  public void onTaskEnd(SparkListenerTaskEnd end) {
    running.remove(end.taskInfo().taskId());
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
    long doneDocuments = documents.value();
    long doneTokens = tokens.value();
    long doneBytes = bytes.value();
    for (Counts counts : running.values()) {
      doneDocuments += counts.documents();
      doneTokens += counts.tokens();
      doneBytes += counts.bytes();
    }
    String line = line(doneDocuments, doneTokens, doneBytes, (System.nanoTime() - start) / 1e9);
    if (terminal) {
      out.print("\r" + line + " ".repeat(Math.max(0, width - line.length())));
      width = line.length();
    } else {
      out.println(line);
    }
    out.flush();
  }

  /** Tokens of the whole are not known before they are counted: they are estimated from bytes. */
  String line(long doneDocuments, long doneTokens, long doneBytes, double seconds) {
    double bytesPerToken = doneTokens > 0 ? (double) doneBytes / doneTokens : BYTES_PER_TOKEN;
    long totalTokens = Math.max(doneTokens, Math.round(totalBytes / bytesPerToken));
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
