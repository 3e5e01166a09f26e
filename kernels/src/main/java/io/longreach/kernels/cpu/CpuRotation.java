package io.longreach.kernels.cpu;

import io.longreach.kernels.device.Device;

/**
 * Rotary angles for any position from three short tables: a position is written in digits of base
 * {@link #BASE}, and turning by the sum of the digits' angles is turning by each in turn. In double
 * precision, so that a position of millions is as exact as position 1.
 */
final class CpuRotation implements Device.Rotation {
  private static final int BASE_BITS = 11;
  private static final int BASE = 1 << BASE_BITS;
  private static final int DIGITS = 3;

  private final int headDim;

  /** Cosine and sine, {@code [digit][value * pairs + pair]}. */
  private final double[][] cosines = new double[DIGITS][];

  private final double[][] sines = new double[DIGITS][];

  CpuRotation(double theta, int headDim) {
    if (headDim < 2 || headDim % 2 != 0 || !(theta > 0)) {
      throw new IllegalArgumentException(
          "a rotation needs a positive theta and an even headDim, were "
              + theta
              + " and "
              + headDim
              + ": check the model's configuration");
    }
    this.headDim = headDim;
    int pairs = headDim / 2;
    for (int digit = 0; digit < DIGITS; digit++) {
      cosines[digit] = new double[BASE * pairs];
      sines[digit] = new double[BASE * pairs];
      for (int pair = 0; pair < pairs; pair++) {
        double unit = Math.scalb(Math.pow(theta, -2.0 * pair / headDim), digit * BASE_BITS);
        for (int value = 0; value < BASE; value++) {
          cosines[digit][value * pairs + pair] = Math.cos(value * unit);
          sines[digit][value * pairs + pair] = Math.sin(value * unit);
        }
      }
    }
  }

  @Override
  public int headDim() {
    return headDim;
  }

  /** Rotates the heads of tokens {@code [firstToken, lastToken)}; token t is row t. */
  void rotate(
      float[] values,
      int offset,
      int stride,
      int heads,
      int firstToken,
      int lastToken,
      int firstPosition) {
    float[] cosine = new float[headDim / 2];
    float[] sine = new float[headDim / 2];
    for (int token = firstToken; token < lastToken; token++) {
      angles(firstPosition + token, cosine, sine);
      int row = offset + token * stride;
      for (int head = 0; head < heads; head++) {
        turn(values, row + head * headDim, cosine, sine);
      }
    }
  }

  private void angles(int position, float[] cosine, float[] sine) {
    int pairs = cosine.length;
    int low = (position & (BASE - 1)) * pairs;
    for (int pair = 0; pair < pairs; pair++) {
      double c = cosines[0][low + pair];
      double s = sines[0][low + pair];
      int rest = position >>> BASE_BITS;
      for (int digit = 1; rest != 0; digit++, rest >>>= BASE_BITS) {
        int at = (rest & (BASE - 1)) * pairs + pair;
        double c1 = cosines[digit][at];
        double s1 = sines[digit][at];
        double turned = c * c1 - s * s1;
        s = s * c1 + c * s1;
        c = turned;
      }
      cosine[pair] = (float) c;
      sine[pair] = (float) s;
    }
  }

  private static void turn(float[] values, int left, float[] cosine, float[] sine) {
    int right = left + cosine.length;
    for (int pair = 0; pair < cosine.length; pair++) {
      float x = values[left + pair];
      float y = values[right + pair];
      values[left + pair] = x * cosine[pair] - y * sine[pair];
      values[right + pair] = y * cosine[pair] + x * sine[pair];
    }
  }
}
