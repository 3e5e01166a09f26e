package io.longreach.kernels.pattern;

import java.util.List;
import java.util.Optional;

/**
 * A window with gaps: a query sees {@code leftSteps} keys before it and {@code rightSteps} after
 * it, {@code rate} tokens apart, and itself.
 *
 * <pre>
 * dilated(1, rate=2) over 5 tokens
 *   1 . 1 . .
 *   . 1 . 1 .
 *   1 . 1 . 1
 *   . 1 . 1 .
 *   . . 1 . 1
 * </pre>
 *
 * <p>Sorted by residue modulo rate it is an ordinary window in every class, and is lowered so.
 *
 * <p><b>Source.</b> Beltagy et al. 2020 (Longformer), section 3.1, and its CUDA kernel.
 */
public record Dilated(int leftSteps, int rightSteps, int rate) implements PositionalPattern {
  public Dilated {
    Rule.atLeast(0, "dilated steps left", leftSteps);
    Rule.atLeast(0, "dilated steps right", rightSteps);
    Rule.atLeast(1, "dilated rate", rate);
  }

  @Override
  public boolean attends(int query, int key, int tokens) {
    long distance = (long) key - query;
    return distance % rate == 0
        && distance >= -(long) leftSteps * rate
        && distance <= (long) rightSteps * rate;
  }

  @Override
  public List<KeyPart> parts(int tokens) {
    KeyLayout layout = rate == 1 ? new KeyLayout.Tokens() : new KeyLayout.Residues(rate);
    KeyRows rows =
        new KeyRows() {
          @Override
          public void keys(int query, int level, KeyRuns out) {
            long own = query / rate;
            out.add(
                Math.max(0, own - leftSteps),
                Math.min(layout.indexOf(query, tokens), own + rightSteps + 1));
          }

          @Override
          public int period() {
            return 1;
          }

          @Override
          public boolean isInner(int first, int last) {
            int own = (last - 1) / rate;
            return first / rate - leftSteps >= 0
                && own + rightSteps + 1L <= layout.indexOf(last - 1, tokens);
          }
        };
    return List.of(new KeyPart(layout, rows));
  }

  @Override
  public Optional<Reach> reach() {
    return Optional.of(new Reach((long) leftSteps * rate, (long) rightSteps * rate, 1));
  }

  @Override
  public String toString() {
    CallText text = new CallText("dilated");
    if (leftSteps == rightSteps) {
      text.with(leftSteps);
    } else {
      text.with("left", leftSteps).with("right", rightSteps);
    }
    return text.with("rate", rate).toString();
  }
}
