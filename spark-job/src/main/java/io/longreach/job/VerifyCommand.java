package io.longreach.job;

import io.longreach.encoders.verify.CaseResult;
import io.longreach.encoders.verify.Verification;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code longreach verify DIR}: golden cases on every device. */
@Command(
    name = "verify",
    description = {
      "Computes every golden case below a directory on the double-precision reference and on every",
      "device, and compares with the published output. Exit status 1 if any fails or none is found."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class VerifyCommand implements Callable<Integer> {

  @Parameters(paramLabel = "DIR", description = "Folder with cases at any depth.")
  private Path directory;

  @Option(names = "--threads", paramLabel = "N", description = "Threads per device (default 1).")
  private int threads = 1;

  @Override
  public Integer call() {
    List<CaseResult> results =
        Verification.onEverything(threads).run(directory, System.out::println);
    long failed = results.stream().filter(result -> !result.passed()).count();
    System.out.printf("%d of %d passed%n", results.size() - failed, results.size());
    return failed == 0 ? ExitStatus.DONE : ExitStatus.FAILED;
  }
}
