package io.longreach.kernels.plan;

import io.longreach.kernels.pattern.Lsh;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/**
 * Hashes the rows of a head to buckets: for each factor the argmax over {@code [xR, -xR]}, the
 * first on ties; several factors combine as digits, the first the lowest.
 *
 * <p><b>Cost.</b> {@code 2 * tokens * headDim * rounds * columns} FLOPs.
 *
 * <p><b>Source.</b> Andoni et al. 2015; Kitaev et al. 2020, section 2.
 */
public final class LshBuckets {
  private final LshRotations rotations;
  private final int[] factors;
  private final int buckets;
  private final boolean maskedApart;

  /**
   * @param tokens decides the number of buckets where the pattern leaves it open
   * @throws IllegalArgumentException if the rotations do not suit the pattern
   */
  public LshBuckets(Lsh lsh, int tokens, LshRotations rotations) {
    List<Integer> chosen = lsh.bucketFactors(tokens);
    this.rotations = rotations;
    this.factors = chosen.stream().mapToInt(Integer::intValue).toArray();
    this.maskedApart = lsh.variant() == Lsh.Variant.REFORMER;
    long product = 1;
    for (int factor : factors) {
      product = Math.min(product * factor, 1L << 40);
    }
    if (product >= Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "buckets must be fewer than 2^31, were " + chosen + ": choose smaller factors");
    }
    this.buckets = (int) product;
    if (rotations.rounds() != lsh.rounds()
        || rotations.columns() != LshRotations.columns(lsh, tokens)) {
      throw new IllegalArgumentException(
          "rotations must have "
              + lsh.rounds()
              + " rounds of "
              + LshRotations.columns(lsh, tokens)
              + " columns, had "
              + rotations.rounds()
              + " of "
              + rotations.columns()
              + ": draw them for the pattern "
              + lsh);
    }
  }

  /** Buckets a row can fall into, with the one for masked rows if the variant has it. */
  public int count() {
    return maskedApart ? buckets + 1 : buckets;
  }

  /** Factors of the number of buckets, the lowest digit first. */
  public int[] factors() {
    return factors.clone();
  }

  /** The bucket of masked rows, -1 if they are hashed like any. */
  public int maskedBucket() {
    return maskedApart ? buckets : -1;
  }

  /**
   * The rotations of a head as one matrix, {@code [headDim, rounds * columns]} row-major: a row
   * times it is what {@link #assign} wants.
   */
  public float[] rotations(int head) {
    int size = rotations.headDim() * width();
    int first = rotations.heads() == 1 ? 0 : head * size;
    return Arrays.copyOfRange(rotations.values(), first, first + size);
  }

  /** Columns of {@link #rotations}. */
  public int width() {
    return rotations.rounds() * rotations.columns();
  }

  /**
   * The buckets of one head, its rows multiplied one by one: kernels do that in blocks and call
   * {@link #assign}.
   *
   * @param rows row of token t at {@code offset + t * stride}, of the head's {@code headDim} values
   * @param valid tokens that are no padding, null for all; the others share the highest bucket if
   *     the variant says so
   * @return {@code [rounds * tokens]}, round by round
   */
  public int[] of(float[] rows, int offset, int stride, int tokens, int head, BitSet valid) {
    int[] hashed = new int[Math.multiplyExact(rotations.rounds(), tokens)];
    float[] matrix = rotations(head);
    float[] rotated = new float[width()];
    for (int token = 0; token < tokens; token++) {
      Arrays.fill(rotated, 0);
      for (int d = 0; d < rotations.headDim(); d++) {
        float x = rows[offset + token * stride + d];
        for (int c = 0; c < rotated.length; c++) {
          rotated[c] += x * matrix[d * rotated.length + c];
        }
      }
      assign(rotated, 1, token, token + 1, tokens, valid, hashed, LshBuckets::argmax);
    }
    return hashed;
  }

  /**
   * The buckets of tokens {@code firstToken .. lastToken - 1}.
   *
   * @param rotated {@link #rotations} times their rows: column c of token t at {@code c * step + t
   *     - firstToken}
   * @param valid see {@link #of}
   * @param hashed {@code [rounds * tokens]}, round by round
   * @param argmax {@link #argmax}, or what does the same
   */
  public void assign(
      float[] rotated,
      int step,
      int firstToken,
      int lastToken,
      int tokens,
      BitSet valid,
      int[] hashed,
      ArgMax argmax) {
    int count = lastToken - firstToken;
    int[] digits = new int[count];
    int column = 0;
    for (int round = 0; round < rotations.rounds(); round++) {
      int at = round * tokens + firstToken;
      Arrays.fill(hashed, at, at + count, 0);
      int product = 1;
      for (int factor : factors) {
        argmax.of(rotated, column * step, step, factor / 2, digits);
        for (int token = 0; token < count; token++) {
          hashed[at + token] += product * digits[token];
        }
        product *= factor;
        column += factor / 2;
      }
      for (int token = 0; maskedApart && valid != null && token < count; token++) {
        hashed[at + token] = valid.get(firstToken + token) ? hashed[at + token] : buckets;
      }
    }
  }

  /** See {@link LshBuckets#argmax}. */
  @FunctionalInterface
  public interface ArgMax {
    void of(float[] values, int first, int step, int columns, int[] places);
  }

  /**
   * For each of {@code places.length} rows the place of the first maximum of {@code [x, -x]}, where
   * x are its values: column c of row r at {@code first + c * step + r}. 0 if one of them is NaN.
   */
  public static void argmax(float[] values, int first, int step, int columns, int[] places) {
    for (int row = 0; row < places.length; row++) {
      places[row] = argmax(values, first + row, step, columns);
    }
  }

  private static int argmax(float[] values, int first, int step, int columns) {
    float best = Float.NEGATIVE_INFINITY;
    int place = 0;
    for (int i = 0; i < 2 * columns; i++) {
      float value = values[first + i % columns * step];
      float x = i < columns ? value : -value;
      if (Float.isNaN(x)) {
        return 0;
      }
      if (x > best) {
        best = x;
        place = i;
      }
    }
    return place;
  }
}
