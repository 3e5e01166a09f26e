package io.longreach.job.sql;

import io.longreach.job.ExitStatus;
import java.io.PrintStream;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.classic.Dataset;
import org.apache.spark.sql.execution.HiveResult;
import scala.jdk.javaapi.CollectionConverters;

/** Runs statements and prints their rows, or one message that says what is wrong. */
public final class SqlSession {

  /** How rows are printed. */
  public enum Layout {
    /** All of them, a line each, columns separated by tabs: as Spark's own SQL command does. */
    LINES {
      @Override
      void print(Dataset<Row> rows, PrintStream out) {
        CollectionConverters.asJava(
                HiveResult.hiveResultString(rows.queryExecution().executedPlan()))
            .forEach(out::println);
      }
    },
    /** The first ones as a table for people, long values cut short. */
    TABLE {
      @Override
      void print(Dataset<Row> rows, PrintStream out) {
        if (rows.schema().isEmpty()) {
          return;
        }
        out.print(rows.showString(TABLE_ROWS, TABLE_WIDTH, false));
      }
    };

    private static final int TABLE_ROWS = 100;
    private static final int TABLE_WIDTH = 60;

    abstract void print(Dataset<Row> rows, PrintStream out);
  }

  private final SparkSession spark;
  private final Layout layout;
  private final PrintStream out;
  private final PrintStream err;

  public SqlSession(SparkSession spark, Layout layout, PrintStream out, PrintStream err) {
    this.spark = spark;
    this.layout = layout;
    this.out = out;
    this.err = err;
  }

  /**
   * Runs all statements of a text until one fails.
   *
   * @return an {@link ExitStatus}: USAGE for a statement that Spark's analysis refuses, FAILED for
   *     one that fails as it runs
   */
  public int run(String text) {
    for (String statement : Statements.of(text)) {
      int status = runOne(statement);
      if (status != ExitStatus.DONE) {
        return status;
      }
    }
    return ExitStatus.DONE;
  }

  private int runOne(String statement) {
    try {
      layout.print((Dataset<Row>) spark.sql(statement), out);
      out.flush();
      return ExitStatus.DONE;
    } catch (Exception e) {
      // AnalysisException is checked, but Scala does not declare it.
      err.println(reason(e));
      return e instanceof AnalysisException ? ExitStatus.USAGE : ExitStatus.FAILED;
    }
  }

  /** Frees the query that runs in another thread. */
  void cancel() {
    spark.sparkContext().cancelAllJobs();
  }

  /** The innermost reason without the stack traces that Spark writes into messages. */
  static String reason(Throwable failure) {
    Throwable cause = failure;
    while (!(cause instanceof AnalysisException)
        && cause.getCause() != null
        && cause.getCause() != cause) {
      cause = cause.getCause();
    }
    String message = cause.getMessage() == null ? cause.toString() : cause.getMessage();
    int trace = message.indexOf("\n\tat ");
    String line = (trace < 0 ? message : message.substring(0, trace)).strip();
    return line.startsWith("[") ? line : "error: " + line;
  }
}
