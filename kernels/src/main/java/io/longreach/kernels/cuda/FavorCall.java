package io.longreach.kernels.cuda;

import io.longreach.kernels.device.AttentionInput;
import io.longreach.kernels.pattern.Direction;
import io.longreach.kernels.pattern.Performer;
import io.longreach.kernels.plan.FeatureMap;
import java.util.ArrayList;
import java.util.List;

/** Linear attention of some documents; slabs of their segments are launched one after the other. */
final class FavorCall implements AutoCloseable {
  private static final int TILE = KeySegments.TILE;
  private static final int THREADS = 256;

  private final CudaDriver driver;
  private final Memory.Pool pool;
  private final AttentionInput input;
  private final List<KeySegments> documents;
  private final FeatureMap map;
  private final Memory projection;
  private final CudaMatrix context;
  private final int sums;
  private final String dim;
  private final int sharedBytes;
  private final List<FavorTable> slabs = new ArrayList<>();
  private final List<Memory> own = new ArrayList<>();
  private Memory maxima;
  private Memory stabiliser;
  private Memory partial;
  private Memory total;

  /**
   * @param projection of the map, on the device
   */
  FavorCall(
      CudaDriver driver,
      Memory.Pool pool,
      AttentionInput input,
      List<KeySegments> documents,
      FeatureMap map,
      Memory projection,
      CudaMatrix context) {
    this.driver = driver;
    this.pool = pool;
    this.input = input;
    this.documents = documents;
    this.map = map;
    this.projection = projection;
    this.context = context;
    this.sums = sums(input, map);
    int kernelDim = map.headDim() <= 64 ? 64 : CudaAttention.LARGEST_HEAD;
    this.dim = String.valueOf(kernelDim);
    this.sharedBytes = 2 * TILE * (kernelDim + 1 + TILE + 1) * Float.BYTES + 3 * TILE * 4;
  }

  private static int sums(AttentionInput input, FeatureMap map) {
    return Math.multiplyExact(Math.multiplyExact(input.heads(), map.features()), map.headDim() + 1);
  }

  /** What the sums of a document take. */
  static long bytes(AttentionInput input, FeatureMap map, KeySegments segments) {
    int atOnce = Math.min(segments.count(), KeySegments.MOST_AT_ONCE);
    return (long) sums(input, map) * ((long) atOnce * Float.BYTES + Double.BYTES);
  }

  void launch() {
    allocate();
    if (map.kernel() == Performer.Kernel.SOFTMAX) {
      for (int slab = 0; slab < slabs.size(); slab++) {
        FavorTable segments = slabs.get(slab);
        launch("favorMaximum" + dim, slab, segments, segments.partCount());
        reduce("favorStabiliser", slab, segments, input.heads());
      }
    }
    boolean causal = map.direction() == Direction.CAUSAL;
    int tiles = CudaRows.blocks(map.features(), TILE);
    for (int slab = 0; slab < slabs.size(); slab++) {
      FavorTable segments = slabs.get(slab);
      launch("favorKeys" + dim, slab, segments, Math.multiplyExact(segments.partCount(), tiles));
      reduce("favorTotal", slab, segments, sums);
      if (causal) {
        launch("favorCausal" + dim, slab, segments, segments.partCount());
      }
    }
    if (!causal) {
      try (FavorTable queries = FavorTable.ofQueries(pool, documents)) {
        launch("favorQueries" + dim, 0, queries, queries.partCount());
      }
    }
  }

  private void allocate() {
    int segments = documents.stream().mapToInt(KeySegments::count).max().orElse(0);
    for (int slab = 0; slab < CudaRows.blocks(segments, KeySegments.MOST_AT_ONCE); slab++) {
      slabs.add(FavorTable.ofKeys(pool, documents, slab));
    }
    long parts = slabs.get(0).partCount();
    long heads = input.heads();
    maxima = zeros(parts * heads * Float.BYTES);
    stabiliser = zeros(documents.size() * heads * Float.BYTES);
    partial = zeros(parts * sums * Float.BYTES);
    total = zeros((long) documents.size() * sums * Double.BYTES);
  }

  private Memory zeros(long bytes) {
    Memory memory = pool.zeros(bytes);
    own.add(memory);
    return memory;
  }

  private void launch(String kernel, int slab, FavorTable table, int blocks) {
    parameters(table, slab).launch(driver, kernel, blocks, input.heads(), THREADS, sharedBytes);
  }

  /** A thread for each of {@code count} results of each document. */
  private void reduce(String kernel, int slab, FavorTable table, int count) {
    parameters(table, slab)
        .launch(driver, kernel, CudaRows.blocks(count, THREADS), table.documentCount(), THREADS);
  }

  private Parameters parameters(FavorTable table, int slab) {
    Parameters parameters = new Parameters();
    AttentionInput.View to = new AttentionInput.View(context, 0);
    for (AttentionInput.View view :
        new AttentionInput.View[] {input.query(), input.key(), input.value(), to}) {
      parameters.values(CudaMatrix.of(view.matrix()), view.column());
    }
    boolean causal = map.direction() == Direction.CAUSAL;
    return parameters
        .pointer(projection)
        .pointer(maxima)
        .pointer(stabiliser)
        .pointer(partial)
        .pointer(total)
        .pointer(table.parts())
        .pointer(table.documents())
        .numbers(
            input.query().matrix().columns(),
            input.key().matrix().columns(),
            input.value().matrix().columns(),
            context.columns())
        .numbers(table.partCount(), input.heads(), map.headDim(), map.features())
        .numbers(map.kernel() == Performer.Kernel.RELU ? 1 : 0, causal ? 1 : 0, slab > 0 ? 1 : 0)
        .real((float) (0.5 / Math.sqrt(map.headDim())))
        .real((float) (1 / Math.sqrt(map.features())))
        .real(causal ? FeatureMap.CAUSAL_FLOOR : 0);
  }

  @Override
  public void close() {
    slabs.forEach(FavorTable::close);
    own.forEach(Memory::close);
  }
}
