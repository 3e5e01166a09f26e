package io.longreach.encoders.bench;

import io.longreach.encoders.bench.TimedDevice.Part;
import io.longreach.encoders.family.EncoderModel;
import io.longreach.encoders.family.Reading;
import io.longreach.encoders.transformer.PackedDocuments;
import io.longreach.kernels.cpu.CpuDevice;
import io.longreach.kernels.cpu.VectorPeak;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Where the time of a forward pass goes: a Longformer of random weights, its first token global, on
 * one core.
 *
 * @param passes that are measured; the medians are printed
 */
public record EncoderProfile(
    int layers, int hidden, int heads, int windowTokens, int tokens, int passes) {

  private record Pass(
      double total, double linear, double attention, double norm, double linearOfPeak) {}

  /** Runs one pass to warm up, then those that count, and prints the table. */
  public void run(PrintStream out) {
    try (TimedDevice device = new TimedDevice(CpuDevice.create(1))) {
      EncoderModel model =
          new RandomCheckpoint("longformer", layers, hidden, heads, tokens, windowTokens)
              .load(device, Reading.published());
      int[] ids = new SplittableRandom(1).ints(tokens, 2, RandomCheckpoint.VOCABULARY).toArray();
      PackedDocuments document = new PackedDocuments(List.of(model.document(ids)));
      VectorPeak peak = new VectorPeak();
      model.encoder().encode(document);
      List<Pass> readings = new ArrayList<>();
      for (int pass = 0; pass < passes; pass++) {
        device.clear();
        double before = peak.getAsDouble();
        long start = System.nanoTime();
        model.encoder().encode(document);
        double total = (System.nanoTime() - start) * 1e-9;
        double gflops = (before + peak.getAsDouble()) / 2;
        readings.add(
            new Pass(
                total,
                device.seconds(Part.LINEAR),
                device.seconds(Part.ATTENTION),
                device.seconds(Part.NORM),
                device.linearFlops() / device.seconds(Part.LINEAR) / 1e9 / gflops));
      }
      print(out, readings);
    }
  }

  private void print(PrintStream out, List<Pass> readings) {
    double total = median(readings.stream().mapToDouble(Pass::total).toArray());
    out.printf(
        "Longformer of random weights, %d layers, %d wide, %d heads, window %d, %d tokens,%n"
            + "first token global, one core, median of %d passes: %.2f s, %,.0f tokens/s%n%n",
        layers, hidden, heads, windowTokens, tokens, passes, total, tokens / total);
    out.print("| Part | seconds | share |\n|---|---|---|\n");
    row(out, "linear", readings.stream().mapToDouble(Pass::linear).toArray(), total);
    row(out, "attention", readings.stream().mapToDouble(Pass::attention).toArray(), total);
    row(out, "norm", readings.stream().mapToDouble(Pass::norm).toArray(), total);
    row(
        out,
        "rest",
        readings.stream()
            .mapToDouble(r -> r.total() - r.linear() - r.attention() - r.norm())
            .toArray(),
        total);
    out.printf(
        "%nlinear: %.2f of the FMA peak measured around each pass (activations included in its"
            + " time)%n",
        median(readings.stream().mapToDouble(Pass::linearOfPeak).toArray()));
  }

  private static void row(PrintStream out, String part, double[] seconds, double total) {
    double median = median(seconds);
    out.printf("| %s | %.3f | %.1f %% |%n", part, median, 100 * median / total);
  }

  private static double median(double[] values) {
    Arrays.sort(values);
    return values[values.length / 2];
  }
}
