package io.longreach.job;

import io.longreach.encoders.bench.EncoderProfile;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code longreach profile}: where the time of a long document goes. */
@Command(
    name = "profile",
    description = {
      "Times the parts of a Longformer's forward pass on one core: linear layers, attention, norms",
      "and the rest, the linear layers against the machine's multiply-add peak."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class ProfileCommand implements Callable<Integer> {
  private static final int HEAD_DIM = 64;

  @Option(names = "--layers", paramLabel = "N", description = "Default: 12.")
  private int layers = 12;

  @Option(names = "--hidden", paramLabel = "N", description = "Width, default: 768.")
  private int hidden = 768;

  @Option(names = "--window", paramLabel = "N", description = "The whole window, default: 512.")
  private int windowTokens = 512;

  @Option(names = "--tokens", paramLabel = "N", description = "Default: 4096.")
  private int tokens = 4096;

  @Option(names = "--passes", paramLabel = "N", description = "Passes measured, default: 3.")
  private int passes = 3;

  @Override
  public Integer call() {
    if (layers < 1 || tokens < 1 || passes < 1 || hidden < HEAD_DIM || hidden % HEAD_DIM != 0) {
      throw new UsageException(
          "--layers, --tokens and --passes must be at least 1 and --hidden a multiple of "
              + HEAD_DIM
              + ", were "
              + layers
              + ", "
              + tokens
              + ", "
              + passes
              + " and "
              + hidden
              + ": leave them out for 12, 4096, 3 and 768");
    }
    new EncoderProfile(layers, hidden, hidden / HEAD_DIM, windowTokens, tokens, passes)
        .run(System.out);
    return ExitStatus.DONE;
  }
}
