package io.longreach.job.evaluate;

import io.longreach.encoders.Embedder;
import io.longreach.encoders.EmbedderOptions;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Embeds both halves of every document in every setting and counts how often they find each other.
 *
 * @param options model, positions, device and threads; the pattern is the setting's
 * @param documents how many to take, at most
 */
public record Evaluation(
    EmbedderOptions options,
    List<String> settings,
    int halfTokens,
    int documents,
    long seed,
    Optional<Path> markdown) {

  /** Names of the settings that are compared where none is asked for. */
  public static List<String> standardSettings() {
    return Setting.standard().stream().map(Setting::name).toList();
  }

  /**
   * Runs all settings, printing every row when it is there, and writing the page after every row.
   *
   * @throws IllegalArgumentException if fewer than two documents are long enough
   */
  public void run(List<String> texts, String corpus, PrintStream out) throws IOException {
    Halves halves;
    String model;
    try (Embedder embedder = Embedder.open(options)) {
      halves = Halves.of(embedder, texts, halfTokens, documents, seed);
      model = embedder.model();
    }
    if (halves.documents() < 2) {
      throw new IllegalArgumentException(
          "at least 2 documents must have "
              + 2 * halfTokens
              + " tokens, "
              + halves.documents()
              + " have: choose longer documents or a smaller --half-tokens");
    }
    QualityReport report = new QualityReport(introduction(halves, model, corpus));
    out.print(introduction(halves, model, corpus) + "\n" + QualityReport.heading());
    for (String setting : settings) {
      out.print(row(Setting.parse(setting), halves, report));
      out.flush();
      if (markdown.isPresent()) {
        write(markdown.get(), report);
      }
    }
  }

  private static void write(Path page, QualityReport report) throws IOException {
    if (page.toAbsolutePath().getParent() != null) {
      Files.createDirectories(page.toAbsolutePath().getParent());
    }
    Files.writeString(page, report.markdown());
  }

  private String introduction(Halves halves, String model, String corpus) {
    return String.format(
        """
        # Retrieval quality

        Halves of long documents find their other half: the first %d tokens of each of %d documents
        among the next %d tokens of all of them, by cosine, and the other way round. Model %s,
        positions=%s; documents of %s, drawn with seed %d (%d shorter ones passed over). `±` is the
        standard error of the MRR over documents; settings that differ by less are not told apart.
        `centred`: the mean of all vectors is taken off first. tokens/s: %d thread(s).
        """,
        halfTokens,
        halves.documents(),
        halfTokens,
        model,
        options.positions(),
        corpus,
        seed,
        halves.tooShort(),
        options.threads());
  }

  private String row(Setting setting, Halves halves, QualityReport report) {
    EmbedderOptions chosen =
        new EmbedderOptions(
            options.model(),
            setting.pattern(),
            options.positions(),
            0,
            options.device(),
            options.threads());
    try (Embedder embedder = Embedder.open(chosen)) {
      // Untimed: the compiler is at work in the first pass.
      setting.embed(embedder, halves.special(), halves.first().get(0));
      long start = System.nanoTime();
      List<float[]> first = embed(embedder, setting, halves, halves.first());
      List<float[]> second = embed(embedder, setting, halves, halves.second());
      double seconds = (System.nanoTime() - start) * 1e-9;
      double tokens = 2.0 * halves.documents() * halfTokens;
      return report.add(
          setting.name(),
          Retrieval.of(first, second),
          Retrieval.ofCentred(first, second),
          tokens / seconds);
    } catch (IllegalArgumentException | UnsupportedOperationException e) {
      return report.addFailed(
          setting.name(), String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
    }
  }

  private static List<float[]> embed(
      Embedder embedder, Setting setting, Halves halves, List<int[]> texts) {
    List<float[]> vectors = new ArrayList<>();
    for (int[] text : texts) {
      vectors.add(setting.embed(embedder, halves.special(), text));
    }
    return vectors;
  }
}
