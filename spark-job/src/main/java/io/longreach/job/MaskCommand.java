package io.longreach.job;

import io.longreach.kernels.pattern.AttentionPattern;
import io.longreach.kernels.pattern.PositionalPattern;
import io.longreach.kernels.picture.MaskPicture;
import io.longreach.kernels.plan.AttentionCost;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code longreach mask PATTERN}: what a pattern lets see, and what that costs. */
@Command(
    name = "mask",
    description = {
      "Draws the mask of an attention pattern and counts its connections.",
      "Beyond 4096 tokens, and for lsh and performer, it only counts."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class MaskCommand implements Callable<Integer> {

  @Parameters(paramLabel = "PATTERN", description = "For example 'window(128) + global(0)'.")
  private String pattern;

  @Option(
      names = "--tokens",
      paramLabel = "N",
      required = true,
      description = "Length of the text.")
  private int tokens;

  @Option(names = "--png", paramLabel = "FILE", description = "Draw the mask as an image too.")
  private Path png;

  @Option(names = "--layer", paramLabel = "N", description = "Layer to draw (default 0).")
  private int layer;

  @Option(names = "--head", paramLabel = "N", description = "Head to draw (default 0).")
  private int head;

  @Option(names = "--heads", paramLabel = "N", description = "Heads of a layer (default 1).")
  private int heads = 1;

  @Option(
      names = "--head-dim",
      paramLabel = "N",
      description = "Columns of a head, for FLOPs and bytes (default 64).")
  private int headDim = 64;

  @Override
  public Integer call() {
    try {
      draw(System.out);
    } catch (IllegalArgumentException e) {
      throw new UsageException(e.getMessage());
    }
    return ExitStatus.DONE;
  }

  private void draw(PrintStream out) {
    if (head < 0 || head >= heads) {
      throw new UsageException(
          "--head must be below --heads " + heads + ", was " + head + ": heads count from 0");
    }
    AttentionPattern whole = AttentionPattern.parse(pattern);
    AttentionPattern own = whole.at(layer, head, heads);
    AttentionCost one = AttentionCost.of(own, 0, 1, headDim, tokens);
    out.printf("%s over %,d tokens%n", own, tokens);
    boolean drawn = own instanceof PositionalPattern && tokens <= PositionalPattern.MASK_TOKENS;
    if (drawn) {
      MaskPicture picture = new MaskPicture((PositionalPattern) own, tokens);
      out.print(picture.text());
      if (png != null) {
        picture.writePng(png);
      }
    } else if (png != null) {
      throw new UsageException(
          "--png needs a pattern of positions over at most "
              + PositionalPattern.MASK_TOKENS
              + " tokens, was "
              + own
              + " over "
              + tokens
              + ": leave --png out to count only");
    }
    double all = (double) tokens * tokens;
    out.printf("connections  %,d of %,.0f, density %.4g%n", one.connections(), all, one.density());
    print(out, whole);
  }

  private void print(PrintStream out, AttentionPattern whole) {
    AttentionCost cost = AttentionCost.of(whole, layer, heads, headDim, tokens);
    String layerOf = heads == 1 ? "1 head" : heads + " heads";
    out.printf(
        "%s of %d: %.4g FLOPs, %,d bytes in and out%n",
        layerOf, headDim, cost.flops(), cost.bytes());
  }
}
