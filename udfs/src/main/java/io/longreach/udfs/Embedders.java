package io.longreach.udfs;

import io.longreach.encoders.Embedder;
import io.longreach.encoders.EmbedderOptions;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * The open embedders of this executor, one for each set of options, opened when first asked for and
 * kept until the JVM ends: options travel to executors, models never do.
 */
public final class Embedders {
  private static final ConcurrentHashMap<EmbedderOptions, Embedder> OPEN =
      new ConcurrentHashMap<>();
  private static volatile Function<EmbedderOptions, Embedder> opener = Embedder::open;

  private Embedders() {}

  /**
   * The embedder of these options, on the GPU that Spark has given to this task if there is one.
   *
   * @throws IllegalArgumentException naming the option that is wrong
   */
  public static Embedder get(EmbedderOptions options) {
    return OPEN.computeIfAbsent(TaskGpu.assign(options), opener);
  }

  /** Replaces how embedders are opened and forgets those that are open; for tests. */
  public static void openWith(Function<EmbedderOptions, Embedder> replacement) {
    opener = replacement;
    OPEN.values().forEach(Embedder::close);
    OPEN.clear();
  }
}
