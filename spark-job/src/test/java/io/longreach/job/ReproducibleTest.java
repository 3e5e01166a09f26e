package io.longreach.job;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.longreach.encoders.Embedder;
import io.longreach.udfs.Embedders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The same text, model and pattern give the same bits, whatever the order and the partitions of the
 * input, the tasks, what shares a batch, and the threads.
 */
class ReproducibleTest {
  private static final int DOCUMENTS = 9;

  @TempDir Path folder;

  @AfterEach
  void forget() {
    oneThread();
    // Each pattern and number of threads has opened a model of its own.
    Embedders.openWith(Embedder::open);
  }

  private static void oneThread() {
    System.clearProperty("spark.task.cpus");
  }

  @ParameterizedTest
  @ValueSource(strings = {"auto", "window(8) + global(0) + random(4)", "lsh(rounds=2, chunk=16)"})
  void bitsDependOnNothingButTheText(String pattern) throws IOException {
    List<String> lines = lines();
    Files.write(folder.resolve("in.jsonl"), lines);
    Map<String, List<Float>> expected = embed("in.jsonl", "one", pattern, "1");

    List<String> more = new ArrayList<>(lines);
    for (int i = 0; i < 5; i++) {
      more.add("{\"doc_id\": \"other" + i + "\", \"text\": \"Something else, " + i + "\"}");
    }
    Collections.shuffle(more, new Random(3));
    Files.createDirectories(folder.resolve("split"));
    for (int i = 0; i < more.size(); i++) {
      Files.writeString(
          folder.resolve("split/" + i % 4 + ".jsonl"),
          more.get(i) + "\n",
          java.nio.file.StandardOpenOption.CREATE,
          java.nio.file.StandardOpenOption.APPEND);
    }
    System.setProperty("spark.task.cpus", "2");
    Map<String, List<Float>> found = embed("split", "many", pattern, "5");
    found.keySet().removeIf(id -> id.startsWith("other"));
    assertEquals(expected, found);
  }

  @Test
  void seedsNeverDeriveFromPlacement() throws IOException {
    Files.write(folder.resolve("in.jsonl"), lines());
    assertEquals(
        embed("in.jsonl", "first", "random(4)", "2"),
        embed("in.jsonl", "second", "random(4)", "3"));
  }

  private static List<String> lines() {
    return Stream.iterate(0, i -> i < DOCUMENTS, i -> i + 1)
        .map(
            i ->
                "{\"doc_id\": \"d%d\", \"text\": \"%s\"}"
                    .formatted(i, ("Document " + i + " says this and that. ").repeat(1 + i * i)))
        .toList();
  }

  private Map<String, List<Float>> embed(String in, String out, String pattern, String tasks) {
    CommandRun run =
        CommandRun.of(
            "embed",
            folder.resolve(in).toString(),
            "-o",
            folder.resolve(out).toString(),
            "--pattern",
            pattern,
            "--tasks",
            tasks);
    oneThread();
    assertEquals(ExitStatus.DONE, run.status(), run.err());
    return Output.read(folder.resolve(out).toString()).embeddings();
  }
}
