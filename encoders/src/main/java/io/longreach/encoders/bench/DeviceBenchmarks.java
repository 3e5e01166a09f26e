package io.longreach.encoders.bench;

import io.longreach.encoders.family.EncoderModel;
import io.longreach.encoders.family.Reading;
import io.longreach.encoders.transformer.PackedDocuments;
import io.longreach.encoders.transformer.PositionPolicy;
import io.longreach.kernels.bench.Benchmark;
import io.longreach.kernels.device.Activation;
import io.longreach.kernels.device.AttentionInput;
import io.longreach.kernels.device.AttentionInput.View;
import io.longreach.kernels.device.Device;
import io.longreach.kernels.device.Matrix;
import io.longreach.kernels.pattern.AttentionPattern;
import io.longreach.kernels.plan.AttentionCost;
import io.longreach.kernels.plan.AttentionSchedule;
import io.longreach.kernels.plan.Schedules;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * What a device is measured by: attention, linear layers, and two whole encoders of random weights.
 * A measurement ends when the device has done its work, and its memory is freed when it is closed.
 */
public final class DeviceBenchmarks {
  private static final int RANDOM_ROWS = 4096;
  private static final int FIRST_WORD = 1996;
  private static final int WINDOW = 256;

  private final Supplier<Device> device;
  private final Sizes sizes;
  private final Map<String, Supplier<DeviceBenchmark>> all = new LinkedHashMap<>();

  /**
   * How much work.
   *
   * @param heads of attention alone
   * @param windowTokens lengths for windows
   * @param denseTokens length for dense attention
   * @param linearRows rows of the linear layers
   * @param documents of 512 tokens that MiniLM embeds at once
   * @param longTokens length of the Longformer's document
   */
  public record Sizes(
      int heads,
      List<Integer> windowTokens,
      int denseTokens,
      int linearRows,
      int documents,
      int longTokens) {

    /** For a GPU of the data centre. */
    public static final Sizes GPU =
        new Sizes(16, List.of(32_768, 131_072), 16_384, 16_384, 64, 32_768);

    /** The same kinds of work for a CPU: seconds each. */
    public static final Sizes CPU = new Sizes(4, List.of(8_192), 2_048, 1_024, 2, 4_096);
  }

  /**
   * @param device opened at first use, and the caller's to close
   */
  public DeviceBenchmarks(Supplier<Device> device, Sizes sizes, String prefix) {
    this.device = device;
    this.sizes = sizes;
    for (int headDim : new int[] {64, 128}) {
      for (int tokens : sizes.windowTokens) {
        addAttention(prefix, "window-256", "window(" + WINDOW + ")", tokens, headDim);
      }
    }
    addAttention(prefix, "dense", "dense", sizes.denseTokens, 64);
    addAttention(prefix, "dense", "dense", sizes.denseTokens, 128);
    addLinear(prefix, 768, 768);
    addLinear(prefix, 768, 3072);
    addLinear(prefix, 3072, 768);
    all.put(prefix + "encoder/minilm-512x" + sizes.documents, this::miniLm);
    all.put(prefix + "encoder/longformer-12x768-" + sizes.longTokens, this::longformer);
  }

  /** Benchmarks by their names, each opened when it is asked for. */
  public Map<String, Supplier<DeviceBenchmark>> all() {
    return Collections.unmodifiableMap(all);
  }

  private void addAttention(String prefix, String kind, String pattern, int tokens, int headDim) {
    String name = prefix + "attention/" + kind + "-d" + headDim + "-" + tokens;
    all.put(name, () -> attention(name, AttentionPattern.parse(pattern), tokens, headDim));
  }

  private void addLinear(String prefix, int inputs, int outputs) {
    String name = prefix + "linear/" + sizes.linearRows + "x" + inputs + "x" + outputs;
    all.put(name, () -> linear(name, inputs, outputs));
  }

  /** One measurement with its memory. */
  public static final class DeviceBenchmark implements Benchmark {
    private final String name;
    private final Device device;
    private final Device.Scope scope;
    private Runnable work;
    private double flops;
    private long tokens;
    private long bytes;

    private DeviceBenchmark(String name, Device device) {
      this.name = name;
      this.device = device;
      this.scope = device.scope();
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public void run() {
      try (Device.Scope pass = device.scope()) {
        work.run();
      }
      device.synchronize();
    }

    @Override
    public double flops() {
      return flops;
    }

    @Override
    public long tokens() {
      return tokens;
    }

    /** What has to move at least: inputs, weights and results; 0 where not counted. */
    public long bytes() {
      return bytes;
    }

    @Override
    public boolean onCpu() {
      return device.name().startsWith("cpu");
    }

    @Override
    public void close() {
      scope.close();
      device.trim();
    }
  }

  private DeviceBenchmark attention(
      String name, AttentionPattern pattern, int tokens, int headDim) {
    Device on = device.get();
    DeviceBenchmark benchmark = new DeviceBenchmark(name, on);
    int width = sizes.heads * headDim;
    Matrix qkv = random(on, tokens, 3 * width);
    Matrix context = on.allocateOperand(tokens, width);
    AttentionInput input =
        new AttentionInput(
            new View(qkv, 0),
            new View(qkv, width),
            new View(qkv, 2 * width),
            sizes.heads,
            headDim,
            (float) (1 / Math.sqrt(headDim)));
    AttentionSchedule schedule = Schedules.of(pattern, 0, sizes.heads, tokens, on.tiles(), null);
    AttentionCost cost = AttentionCost.of(pattern, 0, sizes.heads, headDim, tokens);
    benchmark.work = () -> on.attention(input, 0, schedule, context, null);
    benchmark.flops = cost.flops();
    benchmark.bytes = cost.bytes() / Float.BYTES * operandBytes(on);
    benchmark.tokens = tokens;
    return benchmark;
  }

  private DeviceBenchmark linear(String name, int inputs, int outputs) {
    Device on = device.get();
    DeviceBenchmark benchmark = new DeviceBenchmark(name, on);
    Device.Linear layer = on.linear(uniform(inputs * outputs), uniform(outputs), inputs, outputs);
    Matrix in = random(on, sizes.linearRows, inputs);
    Matrix out = on.allocateOperand(sizes.linearRows, outputs);
    benchmark.work = () -> on.linear(in, layer, Activation.NONE, out);
    long rows = sizes.linearRows;
    benchmark.flops = 2.0 * rows * inputs * outputs;
    benchmark.bytes = operandBytes(on) * (rows * inputs + rows * outputs + (long) inputs * outputs);
    benchmark.tokens = rows;
    return benchmark;
  }

  private DeviceBenchmark miniLm() {
    Reading reading = new Reading(Optional.empty(), PositionPolicy.TILE);
    RandomCheckpoint checkpoint = new RandomCheckpoint("bert", 6, 384, 12, 512, 0);
    String name = last("encoder/minilm");
    return encoder(name, checkpoint, reading, sizes.documents, 512, "dense");
  }

  private DeviceBenchmark longformer() {
    RandomCheckpoint checkpoint =
        new RandomCheckpoint("longformer", 12, 768, 12, sizes.longTokens, 2 * WINDOW);
    String name = last("encoder/longformer");
    String pattern = "window(" + WINDOW + ") + global(0)";
    return encoder(name, checkpoint, Reading.published(), 1, sizes.longTokens, pattern);
  }

  private String last(String part) {
    return all.keySet().stream().filter(name -> name.contains(part)).findFirst().orElseThrow();
  }

  private DeviceBenchmark encoder(
      String name,
      RandomCheckpoint checkpoint,
      Reading reading,
      int documents,
      int tokens,
      String pattern) {
    Device on = device.get();
    DeviceBenchmark benchmark = new DeviceBenchmark(name, on);
    EncoderModel model = checkpoint.load(on, reading);
    int[] ids =
        new SplittableRandom(1).ints(tokens, FIRST_WORD, RandomCheckpoint.VOCABULARY).toArray();
    PackedDocuments packed =
        new PackedDocuments(new ArrayList<>(Collections.nCopies(documents, model.document(ids))));
    benchmark.work = () -> model.encoder().encode(packed);
    int heads = checkpoint.heads();
    int hidden = checkpoint.hidden();
    double attention =
        AttentionCost.of(AttentionPattern.parse(pattern), 0, heads, hidden / heads, tokens).flops();
    double linear = 24.0 * tokens * hidden * hidden;
    benchmark.flops = documents * checkpoint.layers() * (linear + attention);
    benchmark.tokens = (long) documents * tokens;
    return benchmark;
  }

  private static int operandBytes(Device device) {
    return device.name().endsWith("(bf16)") ? Short.BYTES : Float.BYTES;
  }

  /**
   * Operands as layers leave them to each other. The same few thousand rows again and again:
   * drawing gigabytes would take longer than using them.
   */
  private static Matrix random(Device device, int rows, int columns) {
    int some = Math.min(rows, RANDOM_ROWS);
    Matrix values = device.upload(uniform(some * columns), some, columns);
    Matrix all = device.allocateOperand(rows, columns);
    for (int first = 0; first < rows; first += some) {
      int start = first;
      int count = Math.min(some, rows - first);
      int[] from = IntStream.range(0, count).toArray();
      device.copyRows(values, from, all, IntStream.of(from).map(row -> start + row).toArray());
    }
    return all;
  }

  private static float[] uniform(int size) {
    SplittableRandom random = new SplittableRandom(1);
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) (2 * random.nextDouble() - 1);
    }
    return values;
  }
}
