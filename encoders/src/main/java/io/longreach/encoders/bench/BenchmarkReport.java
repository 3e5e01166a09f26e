package io.longreach.encoders.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.longreach.kernels.bench.BenchmarkResult;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.stream.Stream;

/**
 * The results of one run of benchmarks.
 *
 * @param peakGflops median FMA peak of one core over the run
 */
public record BenchmarkReport(double peakGflops, List<BenchmarkResult> results) {

  private static final String ROW = "%-52s %11s %8s %8s %11s %12s  %s%n";

  /** Heading of the table, for printing results as they come. */
  public static String tableHeading() {
    return String.format(
        Locale.ROOT,
        ROW,
        "benchmark",
        "seconds",
        "GFLOP/s",
        "of peak",
        "tokens/s",
        "bytes/token",
        "against peer");
  }

  /** One line of the table. */
  public static String tableRow(BenchmarkResult result) {
    return String.format(
        Locale.ROOT,
        ROW,
        result.name(),
        String.format(Locale.ROOT, "%.6f", result.seconds()),
        text(result.gflops(), "%.1f"),
        text(result.peakRatio(), "%.2f"),
        text(result.tokensPerSecond(), "%,.0f"),
        text(result.bytesPerToken(), "%,.0f"),
        result.peer().isEmpty() ? "-" : text(result.peerRatio(), "%.2f") + " x " + result.peer());
  }

  /** A Markdown table with the peak above it. */
  public String markdown() {
    StringBuilder out = new StringBuilder();
    out.append(String.format(Locale.ROOT, "FMA peak of one core: %.1f GFLOP/s%n%n", peakGflops));
    out.append(
        String.format(
            "| benchmark | seconds | GFLOP/s | of peak | tokens/s | bytes/token | against peer |%n"));
    out.append(String.format("|---|---:|---:|---:|---:|---:|---|%n"));
    for (BenchmarkResult result : results) {
      out.append(
          String.format(
              Locale.ROOT,
              "| %s | %.6f | %s | %s | %s | %s | %s |%n",
              result.name(),
              result.seconds(),
              text(result.gflops(), "%.1f"),
              text(result.peakRatio(), "%.2f"),
              text(result.tokensPerSecond(), "%,.0f"),
              text(result.bytesPerToken(), "%,.0f"),
              result.peer().isEmpty()
                  ? "-"
                  : text(result.peerRatio(), "%.2f") + " × " + result.peer()));
    }
    return out.toString();
  }

  /**
   * Writes the Markdown form.
   *
   * @param command what makes such a file
   */
  public void writeMarkdown(Path file, String command) {
    String page =
        String.format(
            "# Benchmarks%n%nWritten by `%s --markdown FILE`, on one core unless the name says"
                + " otherwise; medians.%nBytes per token are all that one run allocates beyond its"
                + " input and output.%n%nMachine: %s, JDK %s.%n%n%s",
            command, machine(), Runtime.version(), markdown());
    try {
      Files.writeString(file, page);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file + ": " + e.getMessage(), e);
    }
  }

  /** The processor by its own name where Linux tells it. */
  private static String machine() {
    try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
      return lines
          .filter(line -> line.startsWith("model name"))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElse(System.getProperty("os.arch"));
    } catch (IOException | UncheckedIOException e) {
      return System.getProperty("os.arch");
    }
  }

  /** Writes the JSON form; fields that do not apply are left out. */
  public void writeJson(Path file) {
    ObjectMapper mapper = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
    ObjectNode root = mapper.createObjectNode();
    root.put("peak_gflops", peakGflops);
    ArrayNode list = root.putArray("results");
    for (BenchmarkResult result : results) {
      ObjectNode node = list.addObject();
      node.put("name", result.name());
      node.put("seconds", result.seconds());
      put(node, "gflops", result.gflops());
      put(node, "peak_ratio", result.peakRatio());
      put(node, "tokens_per_second", result.tokensPerSecond());
      put(node, "bytes_per_token", result.bytesPerToken());
      if (!result.peer().isEmpty()) {
        node.put("peer", result.peer());
        put(node, "peer_ratio", result.peerRatio());
      }
    }
    try {
      mapper.writeValue(file.toFile(), root);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file + ": " + e.getMessage(), e);
    }
  }

  private static void put(ObjectNode node, String field, OptionalDouble value) {
    value.ifPresent(v -> node.put(field, v));
  }

  private static String text(OptionalDouble value, String format) {
    return value.isPresent() ? String.format(Locale.ROOT, format, value.getAsDouble()) : "-";
  }
}
