package io.longreach.kernels.cuda;

import io.longreach.kernels.device.AttentionInput;
import io.longreach.kernels.device.Device.PlacedRows;
import io.longreach.kernels.plan.FeatureMap;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;

/**
 * Launches linear attention, all documents of a batch at once: the keys' largest projection, their
 * sums by segments of the documents, then the queries.
 *
 * <p><b>Cost.</b> Memory beyond the arguments is bounded by {@link #LIMIT_BYTES}, or by what one
 * document takes, whatever its tokens.
 */
final class CudaLinearAttention {
  /** Sums of one round of launches; more documents get launches of their own. */
  private static final long LIMIT_BYTES = 1 << 28;

  private final CudaDriver driver;
  private final Memory.Pool pool;

  /** Copied to the device once, as long as somebody uses them. */
  private final Map<FeatureMap, Memory> projections =
      Collections.synchronizedMap(new WeakHashMap<>());

  CudaLinearAttention(CudaDriver driver, Memory.Pool pool) {
    this.driver = driver;
    this.pool = pool;
  }

  void run(AttentionInput input, List<PlacedRows> documents, FeatureMap map, CudaMatrix context) {
    List<KeySegments> group = new ArrayList<>();
    long bytes = 0;
    for (PlacedRows document : documents) {
      CudaAttention.requireRows(input, context, document.firstRow() + document.tokens());
      if (document.tokens() == 0) {
        continue;
      }
      KeySegments segments = KeySegments.of(document);
      long own = FavorCall.bytes(input, map, segments);
      if (!group.isEmpty() && bytes + own > LIMIT_BYTES) {
        launch(input, group, map, context);
        group.clear();
        bytes = 0;
      }
      group.add(segments);
      bytes += own;
    }
    if (!group.isEmpty()) {
      launch(input, group, map, context);
    }
  }

  /** Documents whose sums are held at the same time. */
  void launch(
      AttentionInput input, List<KeySegments> documents, FeatureMap map, CudaMatrix context) {
    try (FavorCall call =
        new FavorCall(driver, pool, input, documents, map, projection(map), context)) {
      call.launch();
    }
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
}
