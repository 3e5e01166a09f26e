package io.longreach.job;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.mapping;
import static java.util.stream.Collectors.toMap;
import static java.util.stream.Collectors.toSet;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longreach.encoders.bench.SmallModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Documents whose rows say which of their tokens are global. */
class GlobalTokensColumnTest {
  private static final String TEXT =
      "One sentence, and some words more, of the same text. ".repeat(4);
  private static final Map<String, String> PATTERNS =
      Map.of(
          "a", "window(8) + global(2-3, 20)",
          "b", "window(8)",
          "c", "window(8) + global(1)");

  private static final Function<Row, String> ID = row -> row.getString(0);

  @TempDir Path folder;
  private String model;

  @BeforeEach
  void writeModel() throws IOException {
    model = SmallModel.writeLongformer(folder.resolve("model")).toString();
  }

  @Test
  void textsAndArraysOfJson() throws IOException {
    writeJson("[2, 3, 20]", "\"none\"", "null", "\"3-\"");
    CommandRun run = embed(path("docs.jsonl"), "--global-tokens-column", "marks");
    assertEquals(ExitStatus.DONE_WITH_FAILURES, run.status(), run.err());
    assertEquals(PATTERNS, patterns());
    assertTrue(error("d").contains("was '3-'"), error("d"));
  }

  @Test
  void arraysOfAColumnFormat() throws IOException {
    StructType schema =
        new StructType()
            .add("doc_id", DataTypes.StringType)
            .add("text", DataTypes.StringType)
            .add("marks", DataTypes.createArrayType(DataTypes.LongType));
    List<Row> rows =
        Stream.of(
                RowFactory.create("a", TEXT, new Long[] {2L, 3L, 20L}),
                RowFactory.create("b", TEXT, new Long[] {}),
                RowFactory.create("c", TEXT, null),
                RowFactory.create("d", TEXT, new Long[] {1L, null}))
            .toList();
    Output.write(path("docs"), schema, rows);
    CommandRun run = embed(path("docs"), "--global-tokens-column", "marks");
    assertEquals(ExitStatus.DONE_WITH_FAILURES, run.status(), run.err());
    assertEquals(PATTERNS, patterns());
    assertTrue(error("d").contains("was '1,null'"), error("d"));
  }

  @Test
  void chunksSeeThemAndAChangeEmbedsThatDocumentAgain() throws IOException {
    writeJson("[2, 3, 20]", "\"none\"", "null", "[9]");
    String[] options = {"--global-tokens-column", "marks", "--chunk-tokens", "16"};
    assertEquals(ExitStatus.DONE, embed(path("docs.jsonl"), options).status());
    Map<String, Set<Object>> before = chunks();
    assertEquals(4, Set.copyOf(before.values()).size(), "global tokens decide of the vectors");
    writeJson("[2, 3, 20]", "\"none\"", "null", "[9, 10]");
    CommandRun again = embed(path("docs.jsonl"), options);
    assertTrue(again.out().contains("Embedding 1 documents"), again.out() + again.err());
    Map<String, Set<Object>> after = chunks();
    assertNotEquals(before.remove("d"), after.remove("d"));
    assertEquals(before, after);
  }

  @Test
  void whatCannotBeIsSaidBeforeAnythingRuns() throws IOException {
    writeJson("[2]", "null", "null", "null");
    Files.writeString(folder.resolve("one.txt"), TEXT);
    Map<CommandRun, String> runs =
        Map.of(
            embed(path("docs.jsonl"), "--global-tokens-column", "mark"),
                "there is no column 'mark', only doc_id, text, marks",
            embed(path("one.txt"), "--global-tokens-column", "marks"),
                "there is no column 'marks', only the text and the name of each file",
            CommandRun.of(
                    "embed",
                    path("docs.jsonl"),
                    "--global-tokens-column",
                    "marks",
                    "-o",
                    path("out")),
                "for a model that does not project global tokens apart, was the column 'marks':"
                    + " choose one that does, such as Longformer");
    runs.forEach(
        (run, message) -> {
          assertEquals(ExitStatus.USAGE, run.status(), run.out());
          assertTrue(run.err().contains(message), run.err());
        });
  }

  private void writeJson(String... marks) throws IOException {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < marks.length; i++) {
      lines.append(
          "{\"doc_id\": \"%c\", \"text\": \"%s\", \"marks\": %s}%n"
              .formatted('a' + i, TEXT, marks[i]));
    }
    Files.writeString(folder.resolve("docs.jsonl"), lines);
  }

  private CommandRun embed(String input, String... options) {
    return CommandRun.of(
        Stream.of(
                Stream.of("embed", input, "-o", path("out"), "--model", model),
                Stream.of("--global-tokens", "1"),
                Arrays.stream(options))
            .flatMap(arguments -> arguments)
            .toArray(String[]::new));
  }

  private Map<String, String> patterns() {
    return rows().filter(row -> !row.isNullAt(5)).collect(toMap(ID, row -> row.getString(5)));
  }

  private String error(String id) {
    return Output.read(path("out")).error(id);
  }

  private Map<String, Set<Object>> chunks() {
    return rows().collect(groupingBy(ID, mapping(row -> row.getList(1), toSet())));
  }

  private Stream<Row> rows() {
    return Output.read(path("out")).rows().stream();
  }

  private String path(String name) {
    return folder.resolve(name).toString();
  }
}
