package io.longreach.job.evaluate;

import io.longreach.encoders.Embedder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * The first tokens of long documents and the next ones, special tokens left out.
 *
 * @param first {@code [documents][halfTokens]}
 * @param second of the same documents
 * @param tooShort documents that were left out because they are shorter than two halves
 */
record Halves(List<int[]> first, List<int[]> second, int tooShort, SpecialTokens special) {

  /** What a tokenizer puts around every text. */
  record SpecialTokens(int[] before, int[] after) {

    /** Found by comparing two texts: what they share is no text. */
    static SpecialTokens of(Embedder embedder) {
      int[] one = embedder.tokenize("one").ids();
      int[] two = embedder.tokenize("winter").ids();
      int before = 0;
      while (one[before] == two[before]) {
        before++;
      }
      int after = 0;
      while (one[one.length - 1 - after] == two[two.length - 1 - after]) {
        after++;
      }
      return new SpecialTokens(
          Arrays.copyOf(one, before), Arrays.copyOfRange(one, one.length - after, one.length));
    }

    int count() {
      return before.length + after.length;
    }

    int[] around(int[] tokens, int from, int to) {
      int[] ids = new int[count() + to - from];
      System.arraycopy(before, 0, ids, 0, before.length);
      System.arraycopy(tokens, from, ids, before.length, to - from);
      System.arraycopy(after, 0, ids, before.length + to - from, after.length);
      return ids;
    }
  }

  /**
   * Cuts documents.
   *
   * @param limit how many documents to take, drawn by the seed
   */
  static Halves of(Embedder embedder, List<String> texts, int halfTokens, int limit, long seed) {
    SpecialTokens special = SpecialTokens.of(embedder);
    List<String> order = new ArrayList<>(texts);
    Collections.shuffle(order, new Random(seed));
    List<int[]> first = new ArrayList<>();
    List<int[]> second = new ArrayList<>();
    int tooShort = 0;
    for (String text : order) {
      if (first.size() == limit) {
        break;
      }
      int[] ids = embedder.tokenize(text).ids();
      int begin = special.before().length;
      if (ids.length - special.count() < 2 * halfTokens) {
        tooShort++;
        continue;
      }
      first.add(Arrays.copyOfRange(ids, begin, begin + halfTokens));
      second.add(Arrays.copyOfRange(ids, begin + halfTokens, begin + 2 * halfTokens));
    }
    return new Halves(first, second, tooShort, special);
  }

  int documents() {
    return first.size();
  }
}
