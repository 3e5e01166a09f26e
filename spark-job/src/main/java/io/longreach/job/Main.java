package io.longreach.job;

import org.apache.spark.SparkUserAppException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** The command line. */
@Command(
    name = "longreach",
    description = "Embeds very long documents with sparse attention, on Spark.",
    mixinStandardHelpOptions = true,
    version = "Longreach 0.1.0",
    subcommands = {
      EmbedCommand.class,
      SqlCommand.class,
      BenchCommand.class,
      MaskCommand.class,
      VerifyCommand.class,
      EvaluateCommand.class,
      ProfileCommand.class,
      StreamCommand.class,
      SkewCommand.class,
      DrillCommand.class
    })
public final class Main {

  private Main() {}

  /** Runs one command and exits with its status, see {@link ExitStatus}. */
  public static void main(String[] arguments) throws SparkUserAppException {
    Exit.with(run(arguments));
  }

  /** Runs one command and returns its status. */
  public static int run(String... arguments) {
    CommandLine line = new CommandLine(new Main());
    line.setExecutionExceptionHandler((failure, command, parsed) -> report(failure));
    line.setParameterExceptionHandler((failure, ignored) -> report(failure));
    if (arguments.length == 0) {
      line.usage(System.out);
      return ExitStatus.USAGE;
    }
    return line.execute(arguments);
  }

  private static int report(ParameterException failure) {
    String near =
        failure instanceof UnmatchedArgumentException unmatched
                && !unmatched.getSuggestions().isEmpty()
            ? " (did you mean " + String.join(" or ", unmatched.getSuggestions()) + "?)"
            : "";
    System.err.printf(
        "longreach: %s%s: see '%s --help'%n",
        failure.getMessage(), near, failure.getCommandLine().getCommandSpec().qualifiedName());
    return ExitStatus.USAGE;
  }

  private static int report(Exception failure) {
    if (failure instanceof UsageException) {
      System.err.println("longreach: " + failure.getMessage());
      return ExitStatus.USAGE;
    }
    System.err.println("longreach: the job failed: " + failure);
    failure.printStackTrace();
    return ExitStatus.FAILED;
  }
}
