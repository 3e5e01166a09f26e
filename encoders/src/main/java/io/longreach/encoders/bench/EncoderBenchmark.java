package io.longreach.encoders.bench;

import io.longreach.encoders.Embedder;
import io.longreach.encoders.EmbedderOptions;
import io.longreach.kernels.bench.Benchmark;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/**
 * Embedding token ids with MiniLM on one core, against ONNX Runtime where that is on the class path
 * and the documents are short enough for it.
 */
public final class EncoderBenchmark implements Benchmark {
  private static final int LAYERS = 6;
  private static final long HIDDEN = 384;
  private static final int OWN_TOKENS = 512;
  private static final int VOCABULARY = 30522;
  private static final int FIRST_WORD = 1996;
  private static final int WINDOW = 256;

  private final String name;
  private final int[] ids;
  private final int documents;
  private final Embedder embedder;
  private final List<Embedder.Tokens> batch;

  /** Not by its class: that would not load without ONNX Runtime. */
  private final Optional<PeerModel> onnxRuntime;

  /** What this class may know of the peer. */
  interface PeerModel extends AutoCloseable {
    String name();

    void compute(int[][] documents);

    @Override
    void close();
  }

  /** The benchmarks of the encoders. */
  public static List<String> names() {
    return List.of(
        "encoder/minilm-128",
        "encoder/minilm-512",
        "encoder/minilm-128x8",
        "encoder/minilm-512x8",
        "encoder/minilm-4096",
        "encoder/minilm-8192",
        "encoder/minilm-16384",
        "encoder/minilm-262144");
  }

  /**
   * @param name one of {@link #names}: tokens, or tokens x documents
   */
  public static EncoderBenchmark open(String name) {
    if (!names().contains(name)) {
      throw new IllegalArgumentException(
          "benchmark must be one of " + names() + ", was " + name + ": choose one of these");
    }
    String[] sizes = name.substring(name.indexOf('-') + 1).split("x");
    return new EncoderBenchmark(
        name, Integer.parseInt(sizes[0]), sizes.length == 1 ? 1 : Integer.parseInt(sizes[1]));
  }

  private EncoderBenchmark(String name, int tokens, int documents) {
    this.name = name;
    this.documents = documents;
    this.ids = new Random(1).ints(tokens, FIRST_WORD, VOCABULARY).toArray();
    this.embedder = Embedder.open(EmbedderOptions.defaults());
    this.batch = new ArrayList<>(Collections.nCopies(documents, () -> ids));
    this.onnxRuntime =
        tokens <= OWN_TOKENS && onnxRuntimeAvailable()
            ? Optional.of(OnnxRuntime.open())
            : Optional.empty();
  }

  private static boolean onnxRuntimeAvailable() {
    ClassLoader loader = EncoderBenchmark.class.getClassLoader();
    return loader.getResource("ai/onnxruntime/OrtEnvironment.class") != null;
  }

  /** Loaded only where ONNX Runtime is. */
  private static final class OnnxRuntime {
    static PeerModel open() {
      return new OnnxRuntimeModel(1);
    }
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public void run() {
    embedder.embed(batch);
  }

  @Override
  public double flops() {
    long keys = ids.length <= OWN_TOKENS ? ids.length : 2 * WINDOW + 1;
    return (double) tokens() * LAYERS * (24 * HIDDEN * HIDDEN + 4 * HIDDEN * keys);
  }

  @Override
  public long tokens() {
    return (long) ids.length * documents;
  }

  @Override
  public Optional<Peer> peer() {
    int[][] same = Collections.nCopies(documents, ids).toArray(int[][]::new);
    return onnxRuntime.map(model -> new Peer(model.name(), () -> model.compute(same)));
  }

  @Override
  public void close() {
    embedder.close();
    onnxRuntime.ifPresent(PeerModel::close);
  }
}
