package io.longreach.encoders.bench;

import io.longreach.encoders.Embedder;
import io.longreach.encoders.EmbedderOptions;
import io.longreach.kernels.bench.Benchmark;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/**
 * Embedding token ids with a model of the class path on one core, against ONNX Runtime where that
 * is on the class path and the documents are short enough for it.
 */
public final class EncoderBenchmark implements Benchmark {
  private static final long HIDDEN = 384;
  private static final int OWN_TOKENS = 512;
  private static final int VOCABULARY = 30522;
  private static final int FIRST_WORD = 1996;
  private static final int WINDOW = 256;

  /** The models that are measured. */
  private enum Model {
    MINILM("minilm", "all-minilm-l6-v2.onnx", 6),
    BGE_SMALL("bge-small", "bge-small-en-v1.5.onnx", 12);

    final String modelName;
    final String resource;
    final int layers;

    Model(String modelName, String resource, int layers) {
      this.modelName = modelName;
      this.resource = resource;
      this.layers = layers;
    }
  }

  private final String name;
  private final Model model;
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
        "encoder/minilm-262144",
        "encoder/bge-small-128",
        "encoder/bge-small-512",
        "encoder/bge-small-128x8",
        "encoder/bge-small-512x8");
  }

  /**
   * @param name one of {@link #names}: a model, and tokens or tokens x documents
   */
  public static EncoderBenchmark open(String name) {
    if (!names().contains(name)) {
      throw new IllegalArgumentException(
          "benchmark must be one of " + names() + ", was " + name + ": choose one of these");
    }
    String model = name.substring("encoder/".length(), name.lastIndexOf('-'));
    String[] sizes = name.substring(name.lastIndexOf('-') + 1).split("x");
    return new EncoderBenchmark(
        name,
        Arrays.stream(Model.values()).filter(m -> m.modelName.equals(model)).findFirst().get(),
        Integer.parseInt(sizes[0]),
        sizes.length == 1 ? 1 : Integer.parseInt(sizes[1]));
  }

  private EncoderBenchmark(String name, Model model, int tokens, int documents) {
    this.name = name;
    this.model = model;
    this.documents = documents;
    this.ids = new Random(1).ints(tokens, FIRST_WORD, VOCABULARY).toArray();
    this.embedder =
        Embedder.open(new EmbedderOptions(model.modelName, "auto", "tile", 0, "cpu", 1));
    this.batch = new ArrayList<>(Collections.nCopies(documents, () -> ids));
    this.onnxRuntime =
        tokens <= OWN_TOKENS && onnxRuntimeAvailable()
            ? Optional.of(OnnxRuntime.open(model.resource))
            : Optional.empty();
  }

  private static boolean onnxRuntimeAvailable() {
    ClassLoader loader = EncoderBenchmark.class.getClassLoader();
    return loader.getResource("ai/onnxruntime/OrtEnvironment.class") != null;
  }

  /** Loaded only where ONNX Runtime is. */
  private static final class OnnxRuntime {
    static PeerModel open(String resource) {
      return new OnnxRuntimeModel(resource, 1);
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
    return (double) tokens() * model.layers * (24 * HIDDEN * HIDDEN + 4 * HIDDEN * keys);
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
