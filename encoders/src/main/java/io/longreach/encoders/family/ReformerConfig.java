package io.longreach.encoders.family;

import io.longreach.encoders.transformer.HeadShape;
import io.longreach.kernels.device.Activation;
import io.longreach.kernels.pattern.AttentionPattern;
import io.longreach.kernels.pattern.Causal;
import io.longreach.kernels.pattern.Chunks;
import io.longreach.kernels.pattern.Direction;
import io.longreach.kernels.pattern.Lsh;
import java.util.List;

/**
 * The sizes of a Reformer, under the names of its {@code config.json}.
 *
 * @param kinds of the layers, in order
 * @param local pattern of the local layers
 * @param lsh pattern of the LSH layers; its buckets are empty where the length decides them
 * @param maxTokens limits how many buckets one factor makes
 */
record ReformerConfig(
    int hidden,
    HeadShape heads,
    int inner,
    Activation activation,
    double epsilon,
    List<Kind> kinds,
    Chunks local,
    Lsh lsh,
    int maxTokens,
    int padId) {
  private static final int LARGEST_MULTIPLE = 1 << 28;

  /** What a layer attends by. */
  enum Kind {
    LOCAL,
    LSH
  }

  static ReformerConfig of(Settings settings) {
    return new ReformerConfig(
        settings.size("hidden_size"),
        settings.heads("num_attention_heads", "attention_head_size"),
        settings.size("feed_forward_size"),
        settings.activation("hidden_act", "relu"),
        settings.real("layer_norm_eps", 1e-12),
        settings.texts("attn_layers").stream().map(ReformerConfig::kind).toList(),
        new Chunks(
            settings.size("local_attn_chunk_length", 64),
            settings.number("local_num_chunks_before", 1),
            settings.number("local_num_chunks_after", 0)),
        lsh(settings),
        settings.size("max_position_embeddings", 4096),
        settings.number("pad_token_id", 0));
  }

  private static Kind kind(String text) {
    return switch (text) {
      case "local" -> Kind.LOCAL;
      case "lsh" -> Kind.LSH;
      default ->
          throw new IllegalArgumentException(
              "config.json: attn_layers must be local or lsh, was '"
                  + text
                  + "': take the file that the checkpoint came with");
    };
  }

  /** The seed is the published one; the generator behind it is this project's. */
  private static Lsh lsh(Settings settings) {
    return new Lsh(
        settings.has("num_buckets") ? settings.sizes("num_buckets") : List.of(),
        settings.size("num_hashes", 1),
        settings.size("lsh_attn_chunk_length", 64),
        settings.number("lsh_num_chunks_before", 1),
        settings.number("lsh_num_chunks_after", 0),
        settings.flag("is_decoder", false) ? Direction.CAUSAL : Direction.BIDIRECTIONAL,
        settings.number("hash_seed", 0),
        Lsh.Variant.REFORMER,
        Lsh.Hashed.SHARED);
  }

  /**
   * The published pattern of a layer.
   *
   * @param tokens of the document with its padding
   */
  AttentionPattern pattern(int layer, int tokens) {
    if (kinds.get(layer) == Kind.LSH) {
      return lsh.buckets().isEmpty() && tokens > lsh.chunkTokens() ? withBuckets(tokens) : lsh;
    }
    return lsh.direction() == Direction.CAUSAL ? new Causal(local) : local;
  }

  /**
   * The largest power of two up to twice the number of chunks, as two factors where it exceeds what
   * the published limit allows to one.
   */
  private Lsh withBuckets(int tokens) {
    int power = 31 - Integer.numberOfLeadingZeros(tokens / lsh.chunkTokens()) + 1;
    int longestChunks = maxTokens / lsh.chunkTokens();
    long limit = 2L * Math.max((int) Math.sqrt(longestChunks), lsh.chunkTokens());
    List<Integer> factors =
        1L << power > limit
            ? List.of(1 << power / 2, 1 << (power - power / 2))
            : List.of(1 << power);
    return lsh.withBuckets(factors);
  }

  /** Documents longer than the shortest chunk are padded to a multiple of every chunk. */
  Padding padding() {
    long multiple = 1;
    int shortest = Integer.MAX_VALUE;
    for (Kind kind : kinds) {
      int chunk = kind == Kind.LSH ? lsh.chunkTokens() : local.chunkTokens();
      shortest = Math.min(shortest, chunk);
      multiple = leastCommonMultiple(multiple, chunk);
      if (multiple > LARGEST_MULTIPLE) {
        throw new IllegalArgumentException(
            "config.json: lsh_attn_chunk_length and local_attn_chunk_length must have a common"
                + " multiple up to "
                + LARGEST_MULTIPLE
                + ", were "
                + lsh.chunkTokens()
                + " and "
                + local.chunkTokens()
                + ": take the file that the checkpoint came with");
      }
    }
    return new Padding((int) multiple, shortest, padId);
  }

  private static long leastCommonMultiple(long a, long b) {
    long divisor = a;
    for (long rest = b; rest != 0; ) {
      long next = divisor % rest;
      divisor = rest;
      rest = next;
    }
    return a / divisor * b;
  }
}
