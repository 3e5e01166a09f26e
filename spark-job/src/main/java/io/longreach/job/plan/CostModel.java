package io.longreach.job.plan;

import io.longreach.encoders.EmbedderOptions;
import io.longreach.encoders.ModelDescription;
import java.io.Serializable;

/**
 * What a document costs by its tokens: the floating-point operations of the model with the pattern
 * in use. Computed once on a grid of lengths, so that an executor asks it for every document.
 */
public final class CostModel implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final int POINTS_PER_OCTAVE = 2;

  /** Beyond 131,072 tokens cost goes on growing as it did before. */
  private static final int POINTS = 17 * POINTS_PER_OCTAVE + 1;

  /** What reading, packing and writing a document costs, as tokens. */
  private static final double DOCUMENT_TOKENS = 4;

  private final int maxTokens;
  private final double[] flops;

  private CostModel(int maxTokens, double[] flops) {
    this.maxTokens = maxTokens;
    this.flops = flops;
  }

  /** Of a model as it will be run. */
  public static CostModel of(ModelDescription model, EmbedderOptions options) {
    double[] flops = new double[POINTS];
    for (int i = POINTS - 1; i >= 0; i--) {
      flops[i] = flops(model, options.pattern(), tokens(i), i + 1 < POINTS ? flops[i + 1] : 0);
    }
    return new CostModel(options.maxTokens(), flops);
  }

  /** One for each token. */
  public static CostModel linear() {
    return linear(1);
  }

  /** As many for each token, whatever the length. */
  static CostModel linear(double flopsPerToken) {
    double[] flops = new double[POINTS];
    for (int i = 0; i < POINTS; i++) {
      flops[i] = flopsPerToken * tokens(i);
    }
    return new CostModel(0, flops);
  }

  private static double flops(ModelDescription model, String pattern, int tokens, double next) {
    try {
      return model.flops(pattern.equals("auto") ? model.defaultPattern(tokens) : pattern, tokens);
    } catch (IllegalArgumentException e) {
      // The pattern cannot be laid over so few tokens: such documents fail, or count little.
      return Math.max(tokens, next / Math.sqrt(2));
    }
  }

  private static int tokens(int point) {
    return (int) Math.round(Math.pow(2, (double) point / POINTS_PER_OCTAVE));
  }

  /** Floating-point operations of a document of so many tokens. */
  public double flops(long tokens) {
    double used = Math.max(1, maxTokens > 0 ? Math.min(tokens, maxTokens) : tokens);
    double at = POINTS_PER_OCTAVE * Math.log(used) / Math.log(2);
    int point = (int) Math.min(POINTS - 2, at);
    double low = tokens(point);
    double high = tokens(point + 1);
    if (low == high) {
      return flops[point];
    }
    // A straight line between the logarithms: exact for any power of the length.
    double power = Math.log(flops[point + 1] / flops[point]) / Math.log(high / low);
    return flops[point] * Math.pow(used / low, power);
  }

  /** The same with what a document costs beside its tokens: what tasks are balanced by. */
  public double cost(long tokens) {
    return flops(tokens) + DOCUMENT_TOKENS * flops[0];
  }
}
