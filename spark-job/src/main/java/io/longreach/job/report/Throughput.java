package io.longreach.job.report;

import java.util.Arrays;

/** Tokens over time: a few hundred points however long the run. */
public final class Throughput {
  private static final int POINTS = 512;

  private double[] seconds = new double[POINTS];
  private long[] tokens = new long[POINTS];
  private int points;
  private double spacing;

  /** Notes the tokens so far; points that come too close after the last one move it. */
  public void add(double now, long tokensSoFar) {
    if (points > 1 && now - seconds[points - 2] < spacing) {
      points--;
    }
    if (points == POINTS) {
      thin();
    }
    seconds[points] = now;
    // Counts of a task that was lost and is repeated go down: what is done does not.
    tokens[points] = points == 0 ? tokensSoFar : Math.max(tokens[points - 1], tokensSoFar);
    points++;
  }

  private void thin() {
    points = POINTS / 2;
    for (int i = 0; i < points; i++) {
      seconds[i] = seconds[2 * i + 1];
      tokens[i] = tokens[2 * i + 1];
    }
    spacing = (seconds[points - 1] - seconds[0]) / points;
  }

  public Throughput copy() {
    Throughput copy = new Throughput();
    copy.seconds = seconds.clone();
    copy.tokens = tokens.clone();
    copy.points = points;
    copy.spacing = spacing;
    return copy;
  }

  /** Seconds since the start of the run. */
  public double[] seconds() {
    return Arrays.copyOf(seconds, points);
  }

  /** Tokens done by then. */
  public long[] tokens() {
    return Arrays.copyOf(tokens, points);
  }
}
