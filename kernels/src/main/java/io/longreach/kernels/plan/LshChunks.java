package io.longreach.kernels.plan;

import java.util.Arrays;
import java.util.BitSet;

/**
 * The chunks of all rounds in one row, and which of them a chunk sees: {@code before} back and
 * {@code after} ahead, cyclic over all of them. A round whose tokens do not fill its last chunk
 * leaves it short.
 */
public final class LshChunks {
  private final int tokens;
  private final int chunkTokens;
  private final int chunksPerRound;
  private final int chunks;
  private final int before;
  private final int after;

  public LshChunks(int rounds, int tokens, int chunkTokens, int before, int after) {
    this.tokens = tokens;
    this.chunkTokens = chunkTokens;
    this.chunksPerRound = (int) (((long) tokens + chunkTokens - 1) / chunkTokens);
    this.chunks = rounds * chunksPerRound;
    this.before = before;
    this.after = after;
  }

  int tokens() {
    return tokens;
  }

  int chunkTokens() {
    return chunkTokens;
  }

  /** Whether a chunk of a round sees chunks of other rounds, or of its own a second time. */
  boolean seesBeyond(int chunk) {
    return chunk < before || chunk + after >= chunksPerRound;
  }

  /** First rank of a chunk, over all rounds; chunks are counted cyclically. */
  public int start(int anyChunk) {
    int chunk = Math.floorMod(anyChunk, chunks);
    return chunk / chunksPerRound * tokens + chunk % chunksPerRound * chunkTokens;
  }

  /** Ranks of a chunk. */
  public int size(int anyChunk) {
    int chunk = Math.floorMod(anyChunk, chunks) % chunksPerRound;
    return Math.min(chunkTokens, tokens - chunk * chunkTokens);
  }

  /**
   * Where the key ranks of a round's chunks start, if its keys are its own chunks between the
   * {@code before} last of the round before and the {@code after} first of the next: chunk c sees
   * the ranks from element c to element {@code c + before + after + 1}.
   */
  int[] keyStarts(int round) {
    int count = chunksPerRound + before + after;
    int[] starts = new int[count + 1];
    for (int i = 0; i < count; i++) {
      starts[i + 1] = starts[i] + size(round * chunksPerRound - before + i);
    }
    return starts;
  }

  /**
   * The tokens of the ranks of {@link #keyStarts}.
   *
   * @param order key tokens sorted by (round, bucket, position)
   */
  int[] keyOrder(int[] order, int round, int[] keyStarts) {
    int[] keys = new int[keyStarts[keyStarts.length - 1]];
    for (int i = 0; i + 1 < keyStarts.length; i++) {
      int chunk = round * chunksPerRound - before + i;
      System.arraycopy(order, start(chunk), keys, keyStarts[i], size(chunk));
    }
    return keys;
  }

  /** Chunks of one round. */
  public int perRound() {
    return chunksPerRound;
  }

  int reach() {
    return before + after + 1;
  }

  int before() {
    return before;
  }

  /** The tokens that see no key but their own in any round. */
  BitSet lonely(int[] order, BitSet valid, boolean causal) {
    int[] first = new int[chunks];
    int[] last = new int[chunks];
    extremes(order, valid, first, last);
    BitSet lonely = new BitSet(tokens);
    lonely.set(0, tokens);
    for (int chunk = 0; chunk < chunks; chunk++) {
      int least = Integer.MAX_VALUE;
      int most = -1;
      for (int step = -before; step <= after; step++) {
        int seen = Math.floorMod(chunk + step, chunks);
        least = Math.min(least, first[seen]);
        most = Math.max(most, last[seen]);
      }
      for (int rank = start(chunk); rank < start(chunk) + size(chunk); rank++) {
        int token = order[rank];
        if (least < token || (!causal && most > token)) {
          lonely.clear(token);
        }
      }
    }
    return lonely;
  }

  /** First and last valid position in each chunk. */
  private void extremes(int[] order, BitSet valid, int[] first, int[] last) {
    Arrays.fill(first, Integer.MAX_VALUE);
    Arrays.fill(last, -1);
    for (int chunk = 0; chunk < chunks; chunk++) {
      for (int rank = start(chunk); rank < start(chunk) + size(chunk); rank++) {
        int token = order[rank];
        if (valid == null || valid.get(token)) {
          first[chunk] = Math.min(first[chunk], token);
          last[chunk] = Math.max(last[chunk], token);
        }
      }
    }
  }
}
