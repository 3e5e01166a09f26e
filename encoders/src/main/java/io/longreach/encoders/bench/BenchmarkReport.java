package io.longreach.encoders.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.longreach.kernels.bench.BenchmarkResult;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/**
 * The results of one run of benchmarks.
 *
 * @param peakGflops median FMA peak of one core over the run
 */
public record BenchmarkReport(double peakGflops, List<BenchmarkResult> results) {

  private static final String ROW = "%-32s %12s %9s %7s %11s  %s%n";

  /** Heading of the table, for printing results as they come. */
  public static String tableHeading() {
    return String.format(
        Locale.ROOT, ROW, "benchmark", "seconds", "GFLOP/s", "of peak", "tokens/s", "against peer");
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
        result.peer().isEmpty() ? "-" : text(result.peerRatio(), "%.2f") + " x " + result.peer());
  }

  /** A Markdown table with the peak above it. */
  public String markdown() {
    StringBuilder out = new StringBuilder();
    out.append(String.format(Locale.ROOT, "FMA peak of one core: %.1f GFLOP/s%n%n", peakGflops));
    out.append(String.format("| benchmark | seconds | GFLOP/s | of peak | tokens/s | peer |%n"));
    out.append(String.format("|---|---:|---:|---:|---:|---|%n"));
    for (BenchmarkResult result : results) {
      out.append(
          String.format(
              Locale.ROOT,
              "| %s | %.6f | %s | %s | %s | %s |%n",
              result.name(),
              result.seconds(),
              text(result.gflops(), "%.1f"),
              text(result.peakRatio(), "%.2f"),
              text(result.tokensPerSecond(), "%,.0f"),
              result.peer().isEmpty()
                  ? "-"
                  : text(result.peerRatio(), "%.2f") + " × " + result.peer()));
    }
    return out.toString();
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
