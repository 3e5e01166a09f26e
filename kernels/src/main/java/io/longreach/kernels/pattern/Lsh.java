package io.longreach.kernels.pattern;

import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * Attention within buckets of a locality-sensitive hash (Reformer): depends on the content, so its
 * plan is made from the query/key rows.
 *
 * <p><b>Semantics.</b> In each round the tokens are sorted by (bucket, position) and cut into
 * chunks; a query sees its own chunk, {@code chunksBefore} back and {@code chunksAfter} ahead,
 * cyclic over the chunks of all rounds. A key met in several chunks or rounds counts each time. A
 * query sees itself only if it meets nothing else in any round. A text of at most one chunk is seen
 * whole.
 *
 * <p><b>Source.</b> Kitaev et al. 2020, section 2; transformers {@code LSHSelfAttention};
 * lucidrains' reformer-pytorch.
 *
 * @param buckets factors of the number of buckets, each even; empty: chosen by the length
 * @param seed draws the rotations where none are given
 */
public record Lsh(
    List<Integer> buckets,
    int rounds,
    int chunkTokens,
    int chunksBefore,
    int chunksAfter,
    Direction direction,
    long seed,
    Variant variant,
    Hashed hashed)
    implements AttentionPattern {

  /** Whose rules hold where published implementations differ. */
  public enum Variant {
    /** transformers: masked tokens hash to a bucket of their own; rotations differ by head. */
    REFORMER,
    /** reformer-pytorch: padding hashes like any token; rotations shared by heads. */
    LUCIDRAINS
  }

  /** What is hashed. */
  public enum Hashed {
    /** Keys are the normalised queries, and one sort serves both. */
    SHARED,
    /**
     * Queries and keys are hashed by the same rotations and sorted apart; a query may see itself.
     */
    SEPARATE
  }

  public Lsh {
    buckets = List.copyOf(buckets);
    for (int factor : buckets) {
      if (factor < 2 || factor % 2 != 0) {
        throw new IllegalArgumentException(
            "every factor of buckets must be even and at least 2, was "
                + factor
                + ": a rotation makes half of them and their negatives the rest");
      }
    }
    Rule.atLeast(1, "lsh rounds", rounds);
    Rule.atLeast(1, "lsh chunk tokens", chunkTokens);
    Rule.atLeast(0, "lsh chunks before", chunksBefore);
    Rule.atLeast(0, "lsh chunks after", chunksAfter);
    Objects.requireNonNull(direction, "direction");
    Objects.requireNonNull(variant, "variant");
    Objects.requireNonNull(hashed, "hashed");
  }

  /** The published defaults: one chunk back, none ahead, shared query and key. */
  public Lsh(List<Integer> buckets, int rounds, int chunkTokens) {
    this(
        buckets,
        rounds,
        chunkTokens,
        1,
        0,
        Direction.BIDIRECTIONAL,
        0,
        Variant.REFORMER,
        Hashed.SHARED);
  }

  public Lsh causal() {
    return new Lsh(
        buckets,
        rounds,
        chunkTokens,
        chunksBefore,
        chunksAfter,
        Direction.CAUSAL,
        seed,
        variant,
        hashed);
  }

  /** The same with queries and keys hashed apart, for models that project them apart. */
  public Lsh hashedApart() {
    return new Lsh(
        buckets,
        rounds,
        chunkTokens,
        chunksBefore,
        chunksAfter,
        direction,
        seed,
        variant,
        Hashed.SEPARATE);
  }

  /** The same with another number of buckets, as factors. */
  public Lsh withBuckets(List<Integer> factors) {
    return new Lsh(
        factors, rounds, chunkTokens, chunksBefore, chunksAfter, direction, seed, variant, hashed);
  }

  /**
   * The factors used for a text: {@link #buckets}, or by the published rule the power of two at
   * most {@code 2 * (tokens / chunkTokens)}, as two factors once it exceeds {@code 2 * chunkTokens}
   * and {@code 2 * sqrt(tokens / chunkTokens)}.
   */
  public List<Integer> bucketFactors(int tokens) {
    if (!buckets.isEmpty()) {
      return buckets;
    }
    int chunks = Math.max(1, tokens / chunkTokens);
    int power = 31 - Integer.numberOfLeadingZeros(Math.max(1, Math.min(chunks, 1 << 29))) + 1;
    long limit = 2L * Math.max((int) Math.sqrt(chunks), chunkTokens);
    return 1L << power > limit
        ? List.of(1 << power / 2, 1 << (power - power / 2))
        : List.of(1 << power);
  }

  @Override
  public boolean hashes() {
    return true;
  }

  @Override
  public String toString() {
    CallText text = new CallText("lsh");
    if (!buckets.isEmpty()) {
      text.with("buckets", buckets.stream().map(String::valueOf).collect(Collectors.joining("x")));
    }
    text.with("rounds", rounds)
        .with("chunk", chunkTokens)
        .unless(1, "before", chunksBefore)
        .unless(0, "after", chunksAfter)
        .unless(0L, "seed", seed);
    if (variant != Variant.REFORMER) {
      text.with("variant", variant.name().toLowerCase(Locale.ROOT));
    }
    if (hashed != Hashed.SHARED) {
      text.with("hashed", hashed.name().toLowerCase(Locale.ROOT));
    }
    return direction.wrap(text.toString());
  }
}
