package io.longreach.kernels.pattern;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * The text form of patterns.
 *
 * <pre>
 * text     = union | choices                                  choices are by layer
 * union    = member { "+" member }
 * member   = name [ "(" arguments ")" ] | "(" union ")"
 * choices  = numbers ":" pattern { ";" numbers ":" pattern }
 * numbers  = "*" | range { "," range }                        0-3,7  or * for the rest
 * range    = number [ "-" number ]
 * </pre>
 *
 * <table>
 * <caption>Patterns; arguments in brackets may be left out and then have the value shown</caption>
 * <tr><td>{@code dense}</td><td>every key</td></tr>
 * <tr><td>{@code window(256)}, {@code window(left=256, right=0)}</td>
 *     <td>keys within so many tokens</td></tr>
 * <tr><td>{@code dilated(64, rate=4)}, {@code dilated(left=64, right=0, rate=4)}</td>
 *     <td>so many keys on each side, rate tokens apart</td></tr>
 * <tr><td>{@code global(0, 5, 10-13)}</td><td>tokens that see and are seen by all</td></tr>
 * <tr><td>{@code random(16 [, seed=0])}</td><td>so many keys drawn for each query</td></tr>
 * <tr><td>{@code block(64 [, before=0, after=0])}</td><td>own block and neighbours</td></tr>
 * <tr><td>{@code chunks(64 [, before=1, after=0])}</td><td>Reformer's cyclic local chunks</td></tr>
 * <tr><td>{@code bigbird(block=64 [, window=3, random=3, global=1, draw=published, seed=0,
 *     positions=4096])}</td><td>draw is published, seeded or zero; {@code blocks=[3 5; 1 2]} gives
 *     the random blocks</td></tr>
 * <tr><td>{@code strided(64)}, {@code fixed(128, summary=8)}</td><td>Sparse Transformer</td></tr>
 * <tr><td>{@code keys(0 1; 1 2; 2)}</td><td>keys listed for each token</td></tr>
 * <tr><td>{@code causal(pattern)}</td><td>without later keys</td></tr>
 * <tr><td>{@code lsh([buckets=auto,] rounds=4, chunk=64 [, before=1, after=0, seed=0,
 *     variant=reformer, hashed=shared])}</td><td>buckets may be factors: {@code 8x16}</td></tr>
 * <tr><td>{@code performer(features=256 [, kernel=softmax, seed=0])}</td>
 *     <td>linear attention; kernel is softmax or relu</td></tr>
 * <tr><td>{@code heads(0-5: window(64); *: dense)}</td><td>choices by head</td></tr>
 * </table>
 *
 * <p>Random patterns also take {@code layer=} and {@code head=} (bigbird: {@code head=, heads=}):
 * the place that {@link AttentionPattern#at} binds them to.
 */
final class PatternGrammar {
  static final List<String> NAMES =
      List.of(
          "dense",
          "window",
          "dilated",
          "global",
          "random",
          "block",
          "chunks",
          "bigbird",
          "strided",
          "fixed",
          "keys",
          "causal",
          "lsh",
          "performer",
          "heads");

  private PatternGrammar() {}

  /** The candidate nearest to {@code written}, or null if none is near. */
  static String nearest(String written, List<String> candidates) {
    String lower = written.toLowerCase(Locale.ROOT);
    return candidates.stream()
        .min(Comparator.comparingInt(candidate -> distance(lower, candidate)))
        .filter(candidate -> distance(lower, candidate) <= Math.max(2, candidate.length() / 3))
        .orElse(null);
  }

  /** Edits between two words (Levenshtein). */
  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.length()];
  }
}
