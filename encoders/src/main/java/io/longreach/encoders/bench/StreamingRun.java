package io.longreach.encoders.bench;

import io.longreach.encoders.Embedder;
import io.longreach.encoders.EmbedderOptions;
import io.longreach.encoders.EncodingListener;
import io.longreach.encoders.HiddenStates;
import io.longreach.encoders.family.EncoderModel;
import io.longreach.encoders.family.Reading;
import io.longreach.encoders.transformer.DocumentStream;
import io.longreach.encoders.transformer.PositionPolicy;
import io.longreach.kernels.cpu.CpuDevice;
import io.longreach.kernels.device.Device;
import io.longreach.kernels.pattern.AttentionPattern;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * Embeds one very long document of random token ids by streaming, once, and says what it took.
 *
 * @param pattern of bounded reach
 */
public record StreamingRun(String pattern, int tokens, int threads) {
  private static final int FIRST_WORD = 1996;
  private static final int SEGMENT_TOKENS = 2048;
  private static final int POSITIONS = 512;
  private static final int HEAD_DIM = 32;
  private static final int MEMORY_READINGS = 10;

  /** With a model by its name, as {@link Embedder} knows it. */
  public void withModel(String model, PrintStream out) {
    EmbedderOptions options =
        new EmbedderOptions(model, pattern, "tile", 0, "cpu", threads).withLimitBytes(0);
    try (Embedder embedder = Embedder.open(options)) {
      Measurement measurement = new Measurement();
      int[] ids = ids();
      embedder.encode(
          List.of(() -> ids),
          new EncodingListener() {
            @Override
            public void document(int index, HiddenStates states) {
              embedder.vector(states, 0, states.tokensUsed());
            }

            @Override
            public void layer(int segment) {
              measurement.segment(segment);
            }
          });
      measurement.print(out, embedder.model());
    }
  }

  /** With a BERT of random weights, whose heads are {@value #HEAD_DIM} wide. */
  public void withRandomWeights(int layers, int hidden, PrintStream out) {
    Reading reading =
        new Reading(Optional.of(AttentionPattern.parse(pattern)), PositionPolicy.TILE);
    try (Device device = CpuDevice.create(threads);
        DocumentStream stream = stream(device, reading, layers, hidden)) {
      Measurement measurement = new Measurement();
      double[] sum = new double[hidden];
      for (int segment = 0; !stream.isDone(); segment++) {
        DocumentStream.Rows rows = stream.next();
        float[] values = device.download(rows.states(), 0, rows.states().rows());
        for (int i = 0; i < values.length; i++) {
          sum[i % hidden] += values[i];
        }
        measurement.segment(segment);
      }
      measurement.print(out, "BERT of random weights, " + layers + " x " + hidden);
    }
  }

  private DocumentStream stream(Device device, Reading reading, int layers, int hidden) {
    EncoderModel model =
        new RandomCheckpoint("bert", layers, hidden, hidden / HEAD_DIM, POSITIONS, 0)
            .load(device, reading);
    return model.encoder().stream(model.document(ids()), SEGMENT_TOKENS)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "pattern must be of bounded reach, global tokens aside, was '"
                        + pattern
                        + "': use for example window(64)"));
  }

  private int[] ids() {
    return new SplittableRandom(1).ints(tokens, FIRST_WORD, RandomCheckpoint.VOCABULARY).toArray();
  }

  /** Time, and the heap that is in use behind a collection at several points of the run. */
  private final class Measurement {
    private final long start = System.nanoTime();
    private final int every = Math.max(1, tokens / SEGMENT_TOKENS / MEMORY_READINGS);
    private long liveBytes;

    void segment(int number) {
      if (number % every == 0) {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        liveBytes = Math.max(liveBytes, runtime.totalMemory() - runtime.freeMemory());
      }
    }

    void print(PrintStream out, String model) {
      double seconds = (System.nanoTime() - start) * 1e-9;
      out.printf(
          "%s, %s, %,d tokens: %.1f s, %,.0f tokens/s, %d thread(s)%n"
              + "heap: %d MiB in use at most of -Xmx %d MiB; process: %s resident at most%n",
          model,
          pattern,
          tokens,
          seconds,
          tokens / seconds,
          threads,
          liveBytes >> 20,
          Runtime.getRuntime().maxMemory() >> 20,
          residentAtMost());
    }
  }

  private static String residentAtMost() {
    try {
      return Files.readAllLines(Path.of("/proc/self/status")).stream()
          .filter(line -> line.startsWith("VmHWM:"))
          .map(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024 + " MiB")
          .findFirst()
          .orElse("unknown");
    } catch (IOException e) {
      return "unknown";
    }
  }
}
