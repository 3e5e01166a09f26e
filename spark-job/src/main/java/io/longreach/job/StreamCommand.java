package io.longreach.job;

import io.longreach.encoders.bench.StreamingRun;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code longreach stream}: one document of any length in bounded memory. */
@Command(
    name = "stream",
    description = {
      "Embeds one very long document of random tokens by streaming and prints time and memory.",
      "For example: LONGREACH_HEAP=2g bin/longreach stream --tokens 10000000"
    },
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class StreamCommand implements Callable<Integer> {

  @Option(names = "--tokens", paramLabel = "N", description = "Default: 10,000,000.")
  private int tokens = 10_000_000;

  @Option(
      names = "--model",
      paramLabel = "MODEL",
      description = "A model, or 'random' (the default): a BERT of random weights.")
  private String model = "random";

  @Option(names = "--layers", paramLabel = "N", description = "Of a random model, default: 2.")
  private int layers = 2;

  @Option(names = "--hidden", paramLabel = "N", description = "Of a random model, default: 64.")
  private int hidden = 64;

  @Option(
      names = "--pattern",
      paramLabel = "PATTERN",
      defaultValue = "window(256)",
      description = "Attention pattern of bounded reach (default: ${DEFAULT-VALUE}).")
  private String pattern;

  @Option(names = "--threads", paramLabel = "N", description = "Default: 1.")
  private int threads = 1;

  @Override
  public Integer call() {
    if (tokens < 1 || layers < 1 || threads < 1 || hidden < 32 || hidden % 32 != 0) {
      throw new UsageException(
          "--tokens, --layers and --threads must be at least 1 and --hidden a multiple of 32,"
              + " were "
              + tokens
              + ", "
              + layers
              + ", "
              + threads
              + " and "
              + hidden
              + ": leave them out for the defaults");
    }
    StreamingRun run = new StreamingRun(pattern, tokens, threads);
    try {
      if (model.equals("random")) {
        run.withRandomWeights(layers, hidden, System.out);
      } else {
        run.withModel(model, System.out);
      }
    } catch (IllegalArgumentException e) {
      throw new UsageException(e.getMessage());
    }
    return ExitStatus.DONE;
  }
}
