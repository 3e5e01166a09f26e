package io.longreach.job.evaluate;

import io.longreach.encoders.Embedder;
import java.util.ArrayList;
import java.util.List;

/**
 * A way to turn a long text into one vector.
 *
 * @param pattern text form of the attention pattern
 * @param cut what the model gets to see at once
 * @param tokens of the cut, special tokens included
 */
record Setting(String name, String pattern, Cut cut, int tokens) {

  enum Cut {
    NONE,
    /** The first tokens only. */
    TRUNCATED,
    /** The mean of the vectors of consecutive chunks. */
    CHUNKS
  }

  /** The ways that are compared where none is named. */
  static List<Setting> standard() {
    List<Setting> settings = new ArrayList<>();
    settings.add(parse("truncate(512)"));
    settings.add(parse("chunks(256)"));
    settings.add(parse("chunks(512)"));
    for (int window : new int[] {64, 128, 256, 512}) {
      settings.add(parse("window(" + window + ")"));
    }
    settings.add(parse("dilated(64, rate=4)"));
    settings.add(parse("bigbird(block=64, window=3, random=3, global=1)"));
    settings.add(parse("lsh(buckets=32, rounds=4, chunk=64)"));
    settings.add(parse("performer(features=256)"));
    settings.add(parse("dense"));
    return settings;
  }

  /** {@code truncate(N)}, {@code chunks(N)}, or an attention pattern over the whole text. */
  static Setting parse(String text) {
    if (text.matches("truncate\\(\\d{1,6}\\)")) {
      return new Setting(text, "dense", Cut.TRUNCATED, number(text));
    }
    if (text.matches("chunks\\(\\d{1,6}\\)")) {
      return new Setting(text, "dense", Cut.CHUNKS, number(text));
    }
    return new Setting(text, text, Cut.NONE, 0);
  }

  private static int number(String text) {
    return Integer.parseInt(text.replaceAll("\\D", ""));
  }

  /** The unit vector of a text. */
  float[] embed(Embedder embedder, Halves.SpecialTokens special, int[] text) {
    int each = cut == Cut.NONE ? text.length : Math.min(text.length, tokens - special.count());
    if (each < 1) {
      throw new IllegalArgumentException(
          name + " must leave room for text beside " + special.count() + " special tokens");
    }
    List<Embedder.Tokens> pieces = new ArrayList<>();
    for (int from = 0; from < text.length; from += each) {
      int[] ids = special.around(text, from, Math.min(text.length, from + each));
      pieces.add(() -> ids);
      if (cut == Cut.TRUNCATED) {
        break;
      }
    }
    double[] sum = new double[embedder.dimensions()];
    embedder
        .embed(pieces)
        .forEach(
            piece -> {
              for (int i = 0; i < sum.length; i++) {
                sum[i] += piece.vector()[i];
              }
            });
    return Vectors.unit(sum);
  }
}
