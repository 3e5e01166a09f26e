package io.longreach.job;

import io.longreach.encoders.verify.CaseResult;
import io.longreach.encoders.verify.Verification;
import io.longreach.kernels.cuda.CudaException;
import io.longreach.kernels.cuda.Gpus;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
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

  @Option(
      names = "--device",
      paramLabel = "NAME",
      description = {
        "all (default): the reference, the CPU and the GPU if there is one; cuda: the GPU in float32",
        "and bf16; cuda-host: the same of the CUDA kernels without a GPU, compiled by g++ with",
        "sanitizers."
      })
  private String device = "all";

  @Override
  public Integer call() {
    List<CaseResult> results = verification().run(directory, System.out::println);
    long failed = results.stream().filter(result -> !result.passed()).count();
    System.out.printf("%d of %d passed%n", results.size() - failed, results.size());
    return failed == 0 ? ExitStatus.DONE : ExitStatus.FAILED;
  }

  private Verification verification() {
    return switch (device) {
      case "all" -> {
        Verification everything = Verification.onEverything(threads);
        yield Gpus.find().gpus().isEmpty() ? everything : everything.withGpu();
      }
      case "cuda" -> open(Verification::onGpu);
      case "cuda-host" -> open(Verification::onCudaHost);
      default ->
          throw new UsageException(
              "--device must be all, cuda or cuda-host, was '" + device + "': choose one of them");
    };
  }

  private Verification open(Supplier<Verification> verification) {
    try {
      return verification.get();
    } catch (CudaException e) {
      throw new UsageException("device=" + device + " cannot be used: " + e.getMessage());
    }
  }
}
