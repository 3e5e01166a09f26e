package io.longreach.job.drill;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.longreach.encoders.Embedder;
import io.longreach.encoders.EmbedderOptions;
import io.longreach.udfs.arrow.BatchLimits;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A process that embeds documents of equal length over and over without Spark, in batches as tasks
 * make them. A line on its standard input starts a reading, and it answers with tokens per second;
 * then it embeds on until a second line, so that readings of several processes overlap to their
 * ends. It ends with its input.
 */
final class BareEncoder {
  private final Embedder embedder;
  private final List<String> texts;
  private final double seconds;
  private int next;

  /**
   * @param seconds of a reading
   */
  BareEncoder(Embedder embedder, List<String> texts, double seconds) {
    this.embedder = embedder;
    this.texts = List.copyOf(texts);
    this.seconds = seconds;
  }

  /**
   * Answers until the input ends.
   *
   * @param arguments the corpus, and the seconds of a reading
   */
  public static void main(String[] arguments) throws IOException {
    List<String> texts = new ArrayList<>();
    ObjectMapper mapper = new ObjectMapper();
    for (String line : Files.readAllLines(Path.of(arguments[0]))) {
      texts.add(mapper.readTree(line).path("text").asText());
    }
    try (Embedder embedder = Embedder.open(EmbedderOptions.defaults())) {
      BufferedReader in =
          new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
      new BareEncoder(embedder, texts, Double.parseDouble(arguments[1])).answer(in, System.out);
    }
  }

  void answer(BufferedReader in, PrintStream out) throws IOException {
    for (int reading = 1; in.readLine() != null; reading++) {
      String speed = String.format(Locale.ROOT, "%.1f tokens/s", tokensPerSecond());
      out.println(speed + " in reading " + reading);
      long end = System.nanoTime() + (long) (seconds * 1e9);
      // Not for ever: where whoever asked is gone, no line comes.
      while (!in.ready() && System.nanoTime() < end) {
        embedBatch();
      }
      in.readLine();
      out.println("end of reading " + reading);
    }
  }

  private double tokensPerSecond() {
    long start = System.nanoTime();
    long tokens = 0;
    double elapsed;
    do {
      tokens += embedBatch();
      elapsed = (System.nanoTime() - start) / 1e9;
    } while (elapsed < seconds);
    return tokens / elapsed;
  }

  private long embedBatch() {
    List<Embedder.Tokens> batch = new ArrayList<>();
    long tokens = 0;
    do {
      Embedder.Tokens document = embedder.tokenize(texts.get(next));
      next = (next + 1) % texts.size();
      batch.add(document);
      tokens += document.ids().length;
    } while (tokens * (batch.size() + 1) / batch.size() <= BatchLimits.DEFAULT.tokens());
    embedder.embed(batch);
    return tokens;
  }
}
