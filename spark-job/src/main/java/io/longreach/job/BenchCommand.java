package io.longreach.job;

import io.longreach.encoders.EmbedderOptions;
import io.longreach.encoders.bench.BenchmarkReport;
import io.longreach.encoders.bench.DeviceBenchmarks;
import io.longreach.encoders.bench.DeviceBenchmarks.Sizes;
import io.longreach.encoders.bench.EncoderBenchmark;
import io.longreach.encoders.bench.LoadBenchmark;
import io.longreach.job.embed.JobBenchmark;
import io.longreach.job.embed.SqlBenchmark;
import io.longreach.kernels.bench.AttentionBenchmark;
import io.longreach.kernels.bench.Benchmark;
import io.longreach.kernels.bench.BenchmarkResult;
import io.longreach.kernels.bench.BenchmarkRunner;
import io.longreach.kernels.bench.BenchmarkRunner.Effort;
import io.longreach.kernels.bench.LinearBenchmark;
import io.longreach.kernels.cpu.VectorPeak;
import io.longreach.kernels.cuda.CudaDevice;
import io.longreach.kernels.cuda.Gpus;
import io.longreach.kernels.cuda.SharedGpu;
import io.longreach.kernels.device.Device;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code longreach bench}: everything as a ratio to the peak measured beside it. */
@Command(
    name = "bench",
    description = {
      "Measures the machine's multiply-add peak, then kernels, encoder and job against it.",
      "Ratios are medians of pairs taken in turn, so they hold on a noisy machine.",
      "Where there is a GPU, gpu/ measures it."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class BenchCommand implements Callable<Integer> {
  private static final int WINDOW_TOKENS = 24_576;
  private static final int HEAD_DIM = 64;
  private static final int MANY_TOKENS = 16_384;
  private static final int MILLION_TOKENS = 1 << 20;

  /** One of each kind, at sizes that models have; dense is what the others are compared with. */
  private static final List<String> PATTERNS =
      List.of(
          "dense",
          "window(256)",
          "dilated(64, rate=4)",
          "dilated(256, rate=4)",
          "block(128)",
          "bigbird(block=64, window=3, random=3, global=1)",
          "window(256) + global(0)",
          "random(64)",
          "lsh(rounds=2, chunk=64)",
          "lsh(buckets=32x32x32, rounds=2, chunk=64)",
          "performer(features=256)");

  @Parameters(
      arity = "0..*",
      paramLabel = "NAME",
      description = "What to measure, or a prefix such as 'attention'; all if not given.")
  private List<String> names = new ArrayList<>();

  @Option(names = "--quick", description = "One solid reading each, in under 40 seconds.")
  private boolean quick;

  @Option(
      names = "--strings",
      paramLabel = "COUNT",
      description =
          "How many strings of about 20 tokens sql/short-strings embeds; 20000 if not given.")
  private Integer strings;

  @Option(
      names = "--model",
      paramLabel = "MODEL",
      defaultValue = "minilm",
      description =
          "The model of sql/, a name or a checkpoint folder; ${DEFAULT-VALUE} by default.")
  private String model;

  @Option(names = "--json", paramLabel = "FILE", description = "Write the results as JSON.")
  private Path json;

  @Option(
      names = "--markdown",
      paramLabel = "FILE",
      description = "Write the results as a Markdown table, for example docs/benchmarks.md.")
  private Path markdown;

  @Option(names = "--list", description = "Print the names and stop.")
  private boolean list;

  private final Map<String, Supplier<Benchmark>> known = new LinkedHashMap<>();

  private void name(String name, Supplier<Benchmark> open) {
    known.put(name, open);
  }

  private void nameAll() {
    for (int window : new int[] {64, 256, 512}) {
      window(window);
    }
    name(
        "attention/dense-4096",
        () -> new AttentionBenchmark("attention/dense-4096", "dense", 4096, HEAD_DIM));
    if (!quick) {
      PATTERNS.forEach(pattern -> pattern(pattern, MANY_TOKENS));
      PATTERNS.stream().filter(p -> !p.equals("dense")).forEach(p -> pattern(p, MILLION_TOKENS));
    }
    for (int[] shape : new int[][] {{768, 384, 384}, {768, 1536, 384}}) {
      name(
          "linear/" + shape[0] + "x" + shape[1] + "x" + shape[2],
          () -> new LinearBenchmark(shape[0], shape[1], shape[2]));
    }
    for (String name : EncoderBenchmark.names()) {
      if (!quick || name.equals("encoder/minilm-128") || name.equals("encoder/minilm-512")) {
        name(name, () -> EncoderBenchmark.open(name));
      }
    }
    for (String model : List.of("minilm", "bge-small")) {
      if (!quick || model.equals("minilm")) {
        name("load/" + model, () -> new LoadBenchmark(model));
      }
    }
    if (!Gpus.find().gpus().isEmpty()) {
      DeviceBenchmarks gpu = new DeviceBenchmarks(BenchCommand::gpu, Sizes.GPU, "gpu/");
      gpu.all().forEach((name, open) -> name(name, open::get));
    }
    // In full, long enough that what a job costs whatever its size does not decide.
    int documents = quick ? 12 : 288;
    name("job/two-cores", () -> new JobBenchmark(Sessions.local("bench", 2), documents, 1500));
    sql("sql/long-documents", quick ? 8 : 128, 1500);
    sql("sql/short-strings", strings(), 18);
  }

  private int strings() {
    if (strings == null) {
      return quick ? 1_000 : 20_000;
    }
    try {
      SqlBenchmark.requireCount(strings);
    } catch (IllegalArgumentException e) {
      throw new UsageException("--" + e.getMessage());
    }
    return strings;
  }

  private void sql(String name, int texts, int words) {
    EmbedderOptions options = EmbedderOptions.defaults().withModel(model);
    name(name, () -> new SqlBenchmark(name, Sessions.local("bench", 2), options, texts, words));
  }

  private static Device gpu() {
    return SharedGpu.open("", CudaDevice.Precision.BFLOAT16).device();
  }

  private void pattern(String pattern, int tokens) {
    String name = "pattern/" + pattern + "/" + tokens;
    name(name, () -> new AttentionBenchmark(name, pattern, tokens, HEAD_DIM));
  }

  private void window(int window) {
    String name = "attention/window-" + window;
    name(
        name,
        () -> new AttentionBenchmark(name, "window(" + window + ")", WINDOW_TOKENS, HEAD_DIM));
  }

  @Override
  public Integer call() {
    nameAll();
    List<String> chosen = chosen();
    if (list) {
      chosen.forEach(System.out::println);
      return ExitStatus.DONE;
    }
    BenchmarkRunner runner =
        new BenchmarkRunner(new VectorPeak(), quick ? Effort.QUICK : Effort.FULL);
    List<BenchmarkResult> results = new ArrayList<>();
    System.out.print(BenchmarkReport.tableHeading());
    for (String name : chosen) {
      try (Benchmark benchmark = known.get(name).get()) {
        BenchmarkResult result = runner.measure(benchmark);
        results.add(result);
        System.out.print(BenchmarkReport.tableRow(result));
        System.out.flush();
      }
    }
    BenchmarkReport report = new BenchmarkReport(runner.medianPeak(), results);
    System.out.printf("%nFMA peak of one core: %.1f GFLOP/s (median)%n", report.peakGflops());
    if (json != null) {
      report.writeJson(json);
    }
    if (markdown != null) {
      report.writeMarkdown(markdown, "bin/longreach bench " + String.join(" ", names));
    }
    return ExitStatus.DONE;
  }

  private List<String> chosen() {
    List<String> chosen = new ArrayList<>();
    for (String wanted : names.isEmpty() ? List.of("") : names) {
      List<String> found =
          known.keySet().stream()
              .filter(
                  name ->
                      name.equals(wanted)
                          || (!known.containsKey(wanted) && name.startsWith(wanted)))
              .toList();
      if (found.isEmpty()) {
        throw new UsageException(
            "no benchmark is called '"
                + wanted
                + "': choose from "
                + String.join(", ", known.keySet()));
      }
      chosen.addAll(found);
    }
    return chosen.stream().distinct().toList();
  }
}
