package io.longreach.kernels.pattern;

import java.util.Locale;
import java.util.Objects;

/**
 * Linear attention by positive orthogonal random features (FAVOR+). It has no set of keys: it gets
 * a kernel of its own and never a plan.
 *
 * <p><b>Source.</b> Choromanski et al. 2021 (Performer); rules as in lucidrains' performer-pytorch.
 *
 * @param features rows of the projection
 * @param seed draws the projection; another seed is another draw
 */
public record Performer(int features, Kernel kernel, Direction direction, long seed)
    implements AttentionPattern {

  /** What the features approximate. */
  public enum Kernel {
    SOFTMAX,
    RELU
  }

  public Performer {
    Rule.atLeast(1, "performer features", features);
    Objects.requireNonNull(kernel, "kernel");
    Objects.requireNonNull(direction, "direction");
  }

  public Performer causal() {
    return new Performer(features, kernel, Direction.CAUSAL, seed);
  }

  @Override
  public String toString() {
    CallText text = new CallText("performer").with("features", features);
    if (kernel != Kernel.SOFTMAX) {
      text.with("kernel", kernel.name().toLowerCase(Locale.ROOT));
    }
    return direction.wrap(text.unless(0L, "seed", seed).toString());
  }
}
