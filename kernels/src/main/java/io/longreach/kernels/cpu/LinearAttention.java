package io.longreach.kernels.cpu;

import io.longreach.kernels.device.Activation;
import io.longreach.kernels.pattern.Direction;
import io.longreach.kernels.pattern.Performer;
import io.longreach.kernels.plan.FeatureMap;
import java.util.Arrays;

/**
 * Linear attention by random features: the context of query q is f(q) · S / f(q) · z, with S the
 * sum of f(k) ⊗ v over the keys that q sees and z the sum of f(k). All products of whole blocks are
 * the linear layers' kernel.
 *
 * <p>Values carry a column of ones behind them, so that z is S's last column and one product gives
 * numerator and denominator. Sums over the document are in double precision: in single precision
 * the millionth key would be lost in rounding.
 *
 * <p>Causal attention adds to the sums before a block the block's own keys by their weights, lower
 * triangle only.
 *
 * <p><b>Cost.</b> Time grows with tokens * features * headDim; memory beyond the arguments does not
 * grow with the tokens.
 */
final class LinearAttention {
  /** Long enough to fill the kernel, short enough for a causal block's own square of weights. */
  private static final int BLOCK_TOKENS = 64;

  private final CpuKernels kernels;
  private final FeatureMap map;
  private final CpuLinear projection;
  private final float scale;

  LinearAttention(CpuKernels kernels, FeatureMap map) {
    this.kernels = kernels;
    this.map = map;
    this.scale = (float) Math.pow(map.headDim(), -0.25);
    float[] scaled = map.projection().clone();
    for (int i = 0; i < scaled.length; i++) {
      scaled[i] *= scale;
    }
    this.projection = kernels.linear().pack(scaled, null, map.headDim(), map.features());
  }

  /** One head; the rows begin at the head's first column. */
  void run(
      AttentionKernel.Rows query,
      AttentionKernel.Rows key,
      AttentionKernel.Rows value,
      AttentionKernel.Rows context,
      int tokens) {
    Head head = new Head(query, key, value, context, tokens);
    if (map.direction() == Direction.CAUSAL) {
      head.causal();
    } else {
      head.bidirectional();
    }
  }

  /** One head of one call, so that its arguments need not be handed from method to method. */
  private final class Head {
    private final AttentionKernel.Rows query;
    private final AttentionKernel.Rows key;
    private final AttentionKernel.Rows value;
    private final AttentionKernel.Rows context;
    private final int tokens;
    private final int features = map.features();
    private final int headDim = map.headDim();

    /** Columns of the values with their ones. */
    private final int columns = headDim + 1;

    private final float[] rows = new float[BLOCK_TOKENS * headDim];
    private final float[] keyFeatures = new float[BLOCK_TOKENS * features];
    private final float[] queryFeatures = new float[BLOCK_TOKENS * features];
    private final float[] sums = new float[columns * features];
    private final double[] total = new double[columns * features];
    private final float[] blockContext = new float[BLOCK_TOKENS * columns];
    private float keyStabiliser;

    Head(
        AttentionKernel.Rows query,
        AttentionKernel.Rows key,
        AttentionKernel.Rows value,
        AttentionKernel.Rows context,
        int tokens) {
      this.query = query;
      this.key = key;
      this.value = value;
      this.context = context;
      this.tokens = tokens;
    }

    void bidirectional() {
      findStabiliser();
      for (int first = 0; first < tokens; first += BLOCK_TOKENS) {
        int count = Math.min(BLOCK_TOKENS, tokens - first);
        keyFeatures(first, count);
        addToTotal(first, count);
      }
      CpuLinear all = packedTotal();
      for (int first = 0; first < tokens; first += BLOCK_TOKENS) {
        int count = Math.min(BLOCK_TOKENS, tokens - first);
        queryFeatures(first, count);
        kernels.linear().run(all, Activation.NONE, queryFeatures, blockContext, 0, count);
        store(first, count);
      }
    }

    void causal() {
      findStabiliser();
      Arrays.fill(total, headDim * features, columns * features, FeatureMap.CAUSAL_FLOOR);
      float[] own = new float[BLOCK_TOKENS * columns];
      for (int first = 0; first < tokens; first += BLOCK_TOKENS) {
        int count = Math.min(BLOCK_TOKENS, tokens - first);
        keyFeatures(first, count);
        queryFeatures(first, count);
        kernels.linear().run(packedTotal(), Activation.NONE, queryFeatures, blockContext, 0, count);
        ownBlock(first, count, own);
        kernels.rows().add(blockContext, own, 0, count * columns);
        store(first, count);
        addToTotal(first, count);
      }
    }

    /** What the keys of a block give to its own queries. */
    private void ownBlock(int first, int count, float[] own) {
      float[] weights = new float[count * count];
      float[] keys = Arrays.copyOf(keyFeatures, count * features);
      CpuLinear packedKeys = kernels.linear().pack(keys, null, features, count);
      kernels.linear().run(packedKeys, Activation.NONE, queryFeatures, weights, 0, count);
      for (int i = 0; i < count; i++) {
        Arrays.fill(weights, i * count + i + 1, (i + 1) * count, 0);
      }
      CpuLinear values = kernels.linear().packTransposed(values(first, count), count, columns);
      kernels.linear().run(values, Activation.NONE, weights, own, 0, count);
    }

    /**
     * The largest projection of any key: a pass of its own, because every feature depends on it.
     */
    private void findStabiliser() {
      if (map.kernel() == Performer.Kernel.RELU) {
        return;
      }
      keyStabiliser = Float.NEGATIVE_INFINITY;
      for (int first = 0; first < tokens; first += BLOCK_TOKENS) {
        int count = Math.min(BLOCK_TOKENS, tokens - first);
        project(key, first, count, keyFeatures);
        keyStabiliser = Math.max(keyStabiliser, max(keyFeatures, 0, count * features));
      }
    }

    private void keyFeatures(int first, int count) {
      project(key, first, count, keyFeatures);
      for (int i = 0; i < count; i++) {
        activate(keyFeatures, i, keyStabiliser);
      }
    }

    private void queryFeatures(int first, int count) {
      project(query, first, count, queryFeatures);
      for (int i = 0; i < count; i++) {
        int at = i * features;
        activate(queryFeatures, i, max(queryFeatures, at, at + features));
      }
    }

    private void project(AttentionKernel.Rows from, int first, int count, float[] out) {
      for (int i = 0; i < count; i++) {
        System.arraycopy(
            from.values(), from.offset() + (first + i) * from.stride(), rows, i * headDim, headDim);
      }
      kernels.linear().run(projection, Activation.NONE, rows, out, 0, count);
    }

    /** From projections to features, in place; row i of {@link #rows} is what was projected. */
    private void activate(float[] projected, int i, float stabiliser) {
      int at = i * features;
      if (map.kernel() == Performer.Kernel.RELU) {
        for (int f = at; f < at + features; f++) {
          projected[f] = Math.max(projected[f], 0) + FeatureMap.RELU_FLOOR;
        }
        return;
      }
      float squares = 0;
      for (int d = i * headDim; d < (i + 1) * headDim; d++) {
        squares += rows[d] * rows[d];
      }
      float shift = squares * scale * scale / 2 + stabiliser;
      float root = (float) (1 / Math.sqrt(features));
      kernels.rows().exp(projected, at, at + features, shift, FeatureMap.SOFTMAX_FLOOR, root);
    }

    /**
     * Adds the block's values, weighted by the features of its keys: {@code [columns, features]}.
     */
    private void addToTotal(int first, int count) {
      CpuLinear packed = kernels.linear().packTransposed(keyFeatures, count, features);
      float[] transposed = new float[columns * count];
      for (int i = 0; i < count; i++) {
        int from = value.offset() + (first + i) * value.stride();
        for (int d = 0; d < headDim; d++) {
          transposed[d * count + i] = value.values()[from + d];
        }
        transposed[headDim * count + i] = 1;
      }
      kernels.linear().run(packed, Activation.NONE, transposed, sums, 0, columns);
      for (int i = 0; i < total.length; i++) {
        total[i] += sums[i];
      }
    }

    private CpuLinear packedTotal() {
      for (int i = 0; i < total.length; i++) {
        sums[i] = (float) total[i];
      }
      return kernels.linear().pack(sums, null, features, columns);
    }

    private float[] values(int first, int count) {
      float[] block = new float[count * columns];
      for (int i = 0; i < count; i++) {
        int from = value.offset() + (first + i) * value.stride();
        System.arraycopy(value.values(), from, block, i * columns, headDim);
        block[i * columns + headDim] = 1;
      }
      return block;
    }

    private void store(int first, int count) {
      for (int i = 0; i < count; i++) {
        int to = context.offset() + (first + i) * context.stride();
        float inverse = 1 / blockContext[i * columns + headDim];
        for (int d = 0; d < headDim; d++) {
          context.values()[to + d] = blockContext[i * columns + d] * inverse;
        }
      }
    }
  }

  private static float max(float[] values, int first, int last) {
    float max = Float.NEGATIVE_INFINITY;
    for (int i = first; i < last; i++) {
      max = Math.max(max, values[i]);
    }
    return max;
  }
}
