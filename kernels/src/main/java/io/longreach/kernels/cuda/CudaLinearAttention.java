package io.longreach.kernels.cuda;

import io.longreach.kernels.device.AttentionInput;
import io.longreach.kernels.pattern.Direction;
import io.longreach.kernels.pattern.Performer;
import io.longreach.kernels.plan.FeatureMap;
import java.util.Arrays;
import java.util.Collections;
import java.util.Map;
import java.util.WeakHashMap;

/**
 * Launches linear attention: the keys' largest projection, their sums by segments of the document,
 * then the queries.
 *
 * <p><b>Cost.</b> Memory beyond the arguments is that of one slab of segments, whatever the tokens.
 */
final class CudaLinearAttention {
  private static final int SEGMENTS = 64;
  private static final int TILE = 64;
  private static final int MOST_SEGMENT_TOKENS = 4096;
  private static final int THREADS = 256;

  private final CudaDriver driver;
  private final Memory.Pool pool;

  /** Copied to the device once, as long as somebody uses them. */
  private final Map<FeatureMap, Memory> projections =
      Collections.synchronizedMap(new WeakHashMap<>());

  CudaLinearAttention(CudaDriver driver, Memory.Pool pool) {
    this.driver = driver;
    this.pool = pool;
  }

  void run(AttentionInput input, int firstRow, int tokens, FeatureMap map, CudaMatrix context) {
    CudaAttention.requireRows(input, context, firstRow + tokens);
    if (tokens == 0) {
      return;
    }
    int columns = map.headDim() + 1;
    int perSegment = (tokens + SEGMENTS - 1) / SEGMENTS;
    int segmentTokens = Math.min(MOST_SEGMENT_TOKENS, (perSegment + TILE - 1) / TILE * TILE);
    int segments = Math.min(SEGMENTS, (tokens + segmentTokens - 1) / segmentTokens);
    int sums = Math.multiplyExact(Math.multiplyExact(input.heads(), map.features()), columns);
    float[] none = new float[input.heads()];
    Arrays.fill(none, Float.NEGATIVE_INFINITY);
    try (Memory maxima = pool.zeros((long) input.heads() * segments * Float.BYTES);
        Memory stabiliser = pool.of(none);
        Memory partial = pool.zeros((long) segments * sums * Float.BYTES);
        Memory total = pool.of(empty(sums, columns, map.direction()))) {
      Call call =
          new Call(input, firstRow, tokens, map, context, segmentTokens, sums)
              .in(maxima, stabiliser, partial, total);
      if (map.kernel() == Performer.Kernel.SOFTMAX) {
        call.stabilise();
      }
      if (map.direction() == Direction.CAUSAL) {
        call.causal();
      } else {
        call.bidirectional();
      }
    }
  }

  private static double[] empty(int sums, int columns, Direction direction) {
    double[] total = new double[sums];
    for (int ones = columns - 1; direction == Direction.CAUSAL && ones < sums; ones += columns) {
      total[ones] = FeatureMap.CAUSAL_FLOOR;
    }
    return total;
  }

  private Memory projection(FeatureMap map) {
    return projections.computeIfAbsent(
        map,
        key -> {
          float scale = (float) Math.pow(key.headDim(), -0.25);
          float[] scaled = key.projection().clone();
          for (int i = 0; i < scaled.length; i++) {
            scaled[i] *= scale;
          }
          return pool.of(scaled);
        });
  }

  /** One document; its slabs are launched one after the other. */
  private final class Call {
    private final AttentionInput input;
    private final int firstRow;
    private final int tokens;
    private final FeatureMap map;
    private final CudaMatrix context;
    private final int segmentTokens;
    private final int sums;
    private final int slabTokens;
    private final String dim;
    private final int sharedBytes;
    private Memory maxima;
    private Memory stabiliser;
    private Memory partial;
    private Memory total;

    Call(
        AttentionInput input,
        int firstRow,
        int tokens,
        FeatureMap map,
        CudaMatrix context,
        int segmentTokens,
        int sums) {
      this.input = input;
      this.firstRow = firstRow;
      this.tokens = tokens;
      this.map = map;
      this.context = context;
      this.segmentTokens = segmentTokens;
      this.sums = sums;
      this.slabTokens = segmentTokens * SEGMENTS;
      int kernelDim = map.headDim() <= 64 ? 64 : CudaAttention.LARGEST_HEAD;
      this.dim = String.valueOf(kernelDim);
      this.sharedBytes = 2 * TILE * (kernelDim + 1 + TILE + 1) * Float.BYTES + 3 * TILE * 4;
    }

    Call in(Memory maxima, Memory stabiliser, Memory partial, Memory total) {
      this.maxima = maxima;
      this.stabiliser = stabiliser;
      this.partial = partial;
      this.total = total;
      return this;
    }

    void stabilise() {
      for (int first = 0; first < tokens; first += slabTokens) {
        launch("favorMaximum" + dim, first, segments(first), input.heads());
        parameters(first)
            .launch(driver, "favorStabiliser", blocks(input.heads(), THREADS), 1, THREADS);
      }
    }

    void bidirectional() {
      for (int first = 0; first < tokens; first += slabTokens) {
        addKeys(first);
      }
      for (int first = 0; first < tokens; first += slabTokens) {
        launch("favorQueries" + dim, first, blocks(here(first), TILE), input.heads());
      }
    }

    void causal() {
      for (int first = 0; first < tokens; first += slabTokens) {
        addKeys(first);
        launch("favorCausal" + dim, first, segments(first), input.heads());
      }
    }

    private void addKeys(int first) {
      int tiles = blocks(map.features(), TILE);
      launch("favorKeys" + dim, first, segments(first) * tiles, input.heads());
      parameters(first).launch(driver, "favorTotal", blocks(sums, THREADS), 1, THREADS);
    }

    private int here(int first) {
      return Math.min(slabTokens, tokens - first);
    }

    private int segments(int first) {
      return blocks(here(first), segmentTokens);
    }

    private void launch(String kernel, int first, int blocksX, int blocksY) {
      parameters(first).launch(driver, kernel, blocksX, blocksY, THREADS, sharedBytes);
    }

    private Parameters parameters(int first) {
      Parameters parameters = new Parameters();
      AttentionInput.View own = new AttentionInput.View(context, 0);
      for (AttentionInput.View view :
          new AttentionInput.View[] {input.query(), input.key(), input.value(), own}) {
        CudaMatrix matrix = CudaMatrix.of(view.matrix());
        parameters.values(matrix, (long) (firstRow + first) * matrix.columns() + view.column());
      }
      parameters.pointer(projection(map)).pointer(maxima).pointer(stabiliser);
      parameters.pointer(partial).pointer(total);
      return parameters
          .numbers(
              input.query().matrix().columns(),
              input.key().matrix().columns(),
              input.value().matrix().columns(),
              context.columns())
          .numbers(here(first), segmentTokens, segments(first), input.heads())
          .numbers(map.headDim(), map.features())
          .numbers(
              map.kernel() == Performer.Kernel.RELU ? 1 : 0,
              map.direction() == Direction.CAUSAL ? 1 : 0)
          .real((float) (0.5 / Math.sqrt(map.headDim())))
          .real((float) (1 / Math.sqrt(map.features())));
    }
  }

  private static int blocks(int count, int perBlock) {
    return (count + perBlock - 1) / perBlock;
  }
}
