package io.longreach.kernels.pattern;

import java.util.List;

/**
 * Reformer's local attention: chunks like {@link Block}, but neighbours are cyclic, so that the
 * first chunk sees the last, and a chunk that is a neighbour on both sides counts twice. A text of
 * one chunk is dense.
 *
 * <p>The number of chunks is that of {@code tokens} rounded up to whole chunks, as the published
 * model pads its input; pass the padded length and a key mask to reproduce a padded batch.
 *
 * <p><b>Source.</b> Kitaev et al. 2020 (Reformer) as published in transformers, {@code
 * LocalSelfAttention}.
 */
public record Chunks(int chunkTokens, int chunksBefore, int chunksAfter)
    implements PositionalPattern {
  public Chunks {
    Rule.atLeast(1, "chunk tokens", chunkTokens);
    Rule.atLeast(0, "chunks before", chunksBefore);
    Rule.atLeast(0, "chunks after", chunksAfter);
  }

  @Override
  public boolean attends(int query, int key, int tokens) {
    return count(query, key, tokens) > 0;
  }

  @Override
  public int count(int query, int key, int tokens) {
    int chunks = chunks(tokens);
    if (chunks == 1) {
      return 1;
    }
    int count = 0;
    for (long step = -(long) chunksBefore; step <= chunksAfter; step++) {
      if (Math.floorMod(query / chunkTokens + step, (long) chunks) == key / chunkTokens) {
        count++;
      }
    }
    return count;
  }

  private int chunks(int tokens) {
    return (int) (((long) tokens + chunkTokens - 1) / chunkTokens);
  }

  @Override
  public List<KeyPart> parts(int tokens) {
    int chunks = chunks(tokens);
    if (chunks == 1) {
      return new Dense().parts(tokens);
    }
    long visits = (long) chunksBefore + chunksAfter + 1;
    KeyRows rows =
        new KeyRows() {
          @Override
          public void keys(int query, int level, KeyRuns out) {
            long left = Math.min(chunks, visits - (long) level * chunks);
            if (left == chunks) {
              out.add(0, tokens);
              return;
            }
            long first = Math.floorMod((long) query / chunkTokens - chunksBefore, (long) chunks);
            long wrapped = first + left - chunks;
            out.add(0, Math.min(tokens, wrapped * chunkTokens));
            out.add(first * chunkTokens, Math.min(tokens, (first + left) * chunkTokens));
          }

          @Override
          public int levels() {
            return (int) ((visits + chunks - 1) / chunks);
          }

          @Override
          public int sameUntil(int query) {
            return (int) Math.min(tokens, (query / chunkTokens + 1L) * chunkTokens);
          }

          @Override
          public int period() {
            return chunkTokens;
          }

          @Override
          public boolean isInner(int first, int last) {
            long beyond = (last - 1L) / chunkTokens + chunksAfter + 1;
            return first / chunkTokens - chunksBefore >= 0 && beyond * chunkTokens <= tokens;
          }
        };
    return List.of(KeyPart.inTokenOrder(rows));
  }

  @Override
  public String toString() {
    return new CallText("chunks")
        .with(chunkTokens)
        .unless(1, "before", chunksBefore)
        .unless(0, "after", chunksAfter)
        .toString();
  }
}
