package io.longreach.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code longreach embed} as a user runs it, with the real model, on a local Spark. */
class EmbedCommandTest {
  private static final byte[] INVALID = {'a', ' ', (byte) 0xC0, (byte) 0xAF};
  private static final String INVALID_REASON =
      "text is not valid UTF-8 at byte 2: convert it to UTF-8";

  @TempDir Path folder;

  @Test
  void theSampleCorpusIsEmbeddedAndSummarised() {
    CommandRun run = embed("sample", "--limit", "2", "--max-tokens", "200");
    assertEquals(ExitStatus.DONE, run.status(), run.err());
    assertEquals("", run.err(), "nothing to complain about");
    assertTrue(run.out().contains("2 of 2 documents, 400 of about 400 tokens"), run.out());
    assertSummary(run, "documents  2, 0 failed");
    assertSummary(run, "tokens     400 used of ");
    assertSummary(run, "speed      ");
    assertSummary(run, "pattern    dense");
    assertSummary(run, "device     cpu (");
    assertSummary(run, "output     " + output());
    assertTrue(run.out().contains("Nearest to sotu-1790_george_washington_n:"), run.out());
    assertEquals(1, run.out().lines().filter(l -> l.matches("  0\\.\\d{3}  \\S+")).count());

    Output output = Output.read(output());
    assertEquals(
        "doc_id string, embedding array<float>, tokens bigint, tokens_used bigint, model string,"
            + " pattern string, device string, content_hash string, configuration string",
        output.schema());
    for (Row row : output.rows()) {
      List<Float> embedding = row.getList(1);
      assertEquals(384, embedding.size());
      double squares = embedding.stream().mapToDouble(x -> (double) x * x).sum();
      assertEquals(1, squares, 1e-5, "a unit vector");
      assertTrue(row.getLong(2) > 200, "tokens of the whole document");
      assertEquals(200, row.getLong(3), "tokens used");
      assertTrue(row.getString(4).matches("minilm@[0-9a-f]{8}"), row.getString(4));
      assertEquals("dense", row.getString(5));
      assertTrue(row.getString(6).startsWith("cpu ("), row.getString(6));
      assertNull(row.getString(7));
    }
  }

  @Test
  void textFilesAreDocumentsNamedByTheirPath() throws IOException {
    write("in/a.txt", "The first document.");
    write("in/below/b.md", "The second document.");
    write("in/below/c, [1] {2}? *.txt", "A name that a shell would not like.");
    write("in/empty.txt", " \n");
    Files.write(folder.resolve("in/invalid.txt"), INVALID);
    write("in/_hidden/d.txt", "Not data.");
    write("in/.hidden.txt", "Not data.");
    CommandRun run = embed(path("in"));
    assertEquals(ExitStatus.DONE_WITH_FAILURES, run.status(), run.err());
    assertSummary(run, "documents  5, 2 failed");
    assertSummary(run, "           1 x text is empty");
    Output output = Output.read(output());
    assertErrors(
        output,
        "a.txt",
        null,
        "below/b.md",
        null,
        "below/c, [1] {2}? *.txt",
        null,
        "empty.txt",
        "text is empty",
        "invalid.txt",
        INVALID_REASON);
  }

  @Test
  void oneTextFileIsOneDocument() throws IOException {
    write("alone.txt", "All alone.");
    CommandRun run = embed(path("alone.txt"));
    assertEquals(ExitStatus.DONE, run.status(), run.err());
    assertErrors(Output.read(output()), "alone.txt", null);
    assertFalse(run.out().contains("Nearest"), "there is nothing near a single document");
  }

  @Test
  void aFormatCanBeNamedWhereTheExtensionSaysNothing() throws IOException {
    write("notes.log", "A log is a text, too.");
    assertEquals(ExitStatus.DONE, embed(path("notes.log"), "--format", "text").status());
    assertErrors(Output.read(output()), "notes.log", null);
  }

  @Test
  void everyBadLineOfJsonBecomesOneFailedDocument() throws IOException {
    ByteArrayOutputStream lines = new ByteArrayOutputStream();
    line(lines, "{\"doc_id\": \"good\", \"text\": \"A good line.\", \"more\": 1}");
    line(lines, "{\"doc_id\": 7, \"text\": \"A number for a name.\"}");
    line(lines, "");
    line(lines, "{\"doc_id\": \"null\", \"text\": null}");
    line(lines, "{\"doc_id\": \"none\"}");
    line(lines, "{\"doc_id\": \"empty\", \"text\": \"\"}");
    line(lines, "{\"doc_id\": \"blank\", \"text\": \" \\u00a0\"}");
    line(lines, "{\"doc_id\": \"list\", \"text\": [\"no text\"]}");
    line(lines, "{\"doc_id\": \"half\", \"text\": \"\\ud83d\"}");
    line(lines, "{\"text\": \"A text without a name.\"}");
    line(lines, "{\"doc_id\": \"broken\", \"text\": ");
    line(lines, "[1, 2]");
    line(lines, "{\"doc_id\": \"two\", \"text\": \"two\"} {\"doc_id\": \"in one line\"}");
    lines.write("{\"doc_id\": \"invalid\", \"text\": \"".getBytes(StandardCharsets.UTF_8));
    lines.write(INVALID);
    line(lines, "\"}");
    line(lines, "{\"doc_id\": \"last\", \"text\": \"The last line.\"}");
    Files.write(folder.resolve("lines.jsonl"), lines.toByteArray());

    CommandRun run = embed(path("lines.jsonl"), "--tasks", "3");
    assertEquals(ExitStatus.DONE_WITH_FAILURES, run.status(), run.err());
    Output output = Output.read(output());
    assertEquals(14, output.rows().size(), "one document a line, but for the line with nothing");
    assertNull(output.error("good"));
    assertNull(output.error("7"));
    assertNull(output.error("last"));
    assertEquals("text is null", output.error("null"));
    assertEquals("text is null", output.error("none"));
    assertEquals("text is empty", output.error("empty"));
    assertEquals("text is empty", output.error("blank"));
    assertEquals("'text' must be a string, was ARRAY", output.error("list"));
    assertEquals("text has half a surrogate pair: it is not Unicode text", output.error("half"));
    List<String> unnamed =
        output.rows().stream()
            .filter(row -> row.getString(0).matches("partition .*|unnamed-.*"))
            .map(row -> String.valueOf(row.getString(7)))
            .sorted()
            .toList();
    assertEquals(5, unnamed.size(), unnamed.toString());
    assertEquals("null", unnamed.get(0), "a document without a name is a document");
    assertEquals("the line is not a JSON object", unnamed.get(1));
    assertTrue(unnamed.get(2).startsWith("the line is not valid JSON: Unexpected end"));
    assertFalse(unnamed.get(2).contains("Source"), unnamed.get(2));
    assertEquals("the line is not valid JSON: it goes on after its first value", unnamed.get(3));
    assertEquals("the line is not valid UTF-8: convert it to UTF-8", unnamed.get(4));
  }

  @Test
  void compressedLinesWithColumnsOfOtherNames() throws IOException {
    try (OutputStream out =
        new GZIPOutputStream(Files.newOutputStream(folder.resolve("lines.jsonl.gz")))) {
      for (int i = 0; i < 5; i++) {
        out.write(
            ("{\"key\": \"k" + i + "\", \"the body\": \"Body " + i + "\"}\n")
                .getBytes(StandardCharsets.UTF_8));
      }
    }
    CommandRun run =
        embed(
            path("lines.jsonl.gz"),
            "--id-column",
            "key",
            "--text-column",
            "the body",
            "--limit",
            "3");
    assertEquals(ExitStatus.DONE, run.status(), run.err());
    assertErrors(Output.read(output()), "k0", null, "k1", null, "k2", null);
  }

  @Test
  void parquetWithTextAsBytes() {
    StructType schema =
        new StructType().add("number", DataTypes.LongType).add("the.text", DataTypes.BinaryType);
    Output.write(
        path("table.parquet"),
        schema,
        List.of(
            RowFactory.create(1L, "Some text.".getBytes(StandardCharsets.UTF_8)),
            RowFactory.create(2L, null),
            RowFactory.create(3L, INVALID),
            RowFactory.create(null, "Text without a name.".getBytes(StandardCharsets.UTF_8))));
    CommandRun run =
        embed(path("table.parquet"), "--id-column", "number", "--text-column", "the.text");
    assertEquals(ExitStatus.DONE_WITH_FAILURES, run.status(), run.err());
    Output output = Output.read(output());
    assertEquals(4, output.rows().size());
    assertNull(output.error("1"));
    assertEquals("text is null", output.error("2"));
    assertEquals(INVALID_REASON, output.error("3"));
    String unnamed = output.rows().get(3).getString(0);
    assertTrue(unnamed.matches("unnamed-[0-9a-f]{16}"), unnamed);
    assertNull(output.error(unnamed), "a document without a name is named by its text");
  }

  @Test
  void theBitsDoNotDependOnThePartitions() throws IOException {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 12; i++) {
      String text = ("Document number " + i + " says this and that. ").repeat(1 + i * i / 2);
      lines.append("{\"doc_id\": \"d" + i + "\", \"text\": \"" + text + "\"}\n");
      write("split/" + i + ".jsonl", "{\"doc_id\": \"d" + i + "\", \"text\": \"" + text + "\"}\n");
    }
    write("whole.jsonl", lines.toString());
    embed(path("whole.jsonl"), "--tasks", "1");
    Map<String, List<Float>> one = Output.read(output()).embeddings();
    embed(path("split"), "--tasks", "7", "--overwrite");
    Map<String, List<Float>> many = Output.read(output()).embeddings();
    assertEquals(12, one.size());
    assertEquals(one.keySet(), many.keySet());
    for (String id : one.keySet()) {
      assertNotNull(one.get(id), "embedding of " + id);
      assertEquals(one.get(id), many.get(id), "bits of " + id);
    }
  }

  @Test
  void anOutputIsNeverReplacedUnasked() throws IOException {
    write("a.txt", "The first.");
    write("b.txt", "The second.");
    assertEquals(ExitStatus.DONE, embed(path("a.txt")).status());
    CommandRun refused = embed(path("b.txt"));
    assertUsage(refused, "the output '" + output() + "' exists: name another, or add --overwrite");
    assertErrors(Output.read(output()), "a.txt", null);
    assertEquals(ExitStatus.DONE, embed(path("b.txt"), "--overwrite").status());
    assertErrors(Output.read(output()), "b.txt", null);
  }

  /** {@code --overwrite} with the wrong folder must not delete the user's documents. */
  @Test
  void overwritingNeverDeletesWhatIsNotAnOutput() throws IOException {
    write("in/a.txt", "The only copy.");
    write("other/b.txt", "Another only copy.");
    for (String target : List.of("in", ".", "in/a.txt", "in/below", "other", "other/b.txt")) {
      CommandRun run =
          CommandRun.of(
              "embed", path("in"), "-o", folder.resolve(target).toString(), "--overwrite");
      assertEquals(ExitStatus.USAGE, run.status(), target + ": " + run.out());
      assertEquals(1, run.errorLines().size(), run.err());
      assertEquals("The only copy.", Files.readString(folder.resolve("in/a.txt")), target);
      assertEquals("Another only copy.", Files.readString(folder.resolve("other/b.txt")), target);
    }
  }

  @Test
  void whatIsMissingIsNamedInOneLine() throws IOException {
    write("a.jsonl", "{\"name\": \"a\", \"text\": \"Some text.\"}\n");
    write("a.txt", "Some text.");
    write("a.parquet", "This is no Parquet.");
    write("nothing.jsonl", "\n\n");
    write("mixed/a.txt", "Some text.");
    write("mixed/b.jsonl", "{}");
    Output.write(
        path("table.parquet"),
        new StructType().add("doc_id", DataTypes.StringType).add("text", DataTypes.LongType),
        List.of(RowFactory.create("a", 1L)));
    assertUsage(
        embed(path("a.jsonl")),
        "there is no column 'doc_id', only name, text: name one of them with --id-column, --text-column or the option that asked for it");
    assertUsage(
        embed(path("table.parquet"), "--text-column", "body"),
        "there is no column 'body', only doc_id, text: name one of them with --id-column, --text-column or the option that asked for it");
    assertUsage(embed(path("table.parquet")), "column 'text' must be string or binary, was bigint");
    assertUsage(
        embed("/no/such/file"), "no such file or folder, or nothing in it: '/no/such/file'");
    assertUsage(
        embed("nowhere://bucket/key"),
        "cannot read 'nowhere://bucket/key': No FileSystem for scheme \"nowhere\"");
    assertUsage(embed(path("a.txt"), "--model", "gpt"), "model must be ");
    assertUsage(embed(path("a.txt"), "--model", "/no/such/model"), "/no/such/model");
    assertUsage(embed(path("a.txt"), "--positions", "stack"), "stack");
    assertUsage(embed(path("a.txt"), "--device", "abacus"), "abacus");
    assertUsage(embed(path("a.txt"), "--max-tokens", "-1"), "-1");
    assertUsage(
        embed(path("a.txt"), "--format", "docx"),
        "--format must be text, jsonl, parquet, orc, csv or avro, was 'docx': choose one of these");
    assertUsage(embed(path("a.txt"), "--limit", "0"), "--limit must be at least 1, was 0");
    assertUsage(embed(path("a.txt"), "--tasks", "0"), "--tasks must be at least 1, was 0");
    assertUsage(embed(path("a.parquet")), "cannot be read as Parquet");
    assertUsage(embed(path("nothing.jsonl")), "holds no documents");
    assertUsage(embed(path("mixed")), "mixes formats");
    assertUsage(
        CommandRun.of("embed", path("a.txt"), "-o", "nowhere://bucket/key"),
        "cannot write 'nowhere://bucket/key': No FileSystem for scheme \"nowhere\"");
    assertFalse(Files.exists(Path.of(output())), "nothing was written");
  }

  @Test
  void aPatternThatIsNoneIsShownWithItsPlace() throws IOException {
    write("a.txt", "Some text.");
    CommandRun run = embed(path("a.txt"), "--pattern", "windo(3)");
    assertEquals(ExitStatus.USAGE, run.status(), run.err());
    assertTrue(run.errorLines().get(0).contains("did you mean 'window'?"), run.err());
    assertEquals(List.of("  windo(3)", "  ^"), run.errorLines().subList(1, 3));
    assertEquals(3, run.errorLines().size(), run.err());
  }

  private static void assertUsage(CommandRun run, String message) {
    assertEquals(ExitStatus.USAGE, run.status(), run.out() + run.err());
    assertEquals(1, run.errorLines().size(), () -> "one line, not\n" + run.err());
    assertTrue(run.err().startsWith("longreach: "), run.err());
    assertTrue(run.err().contains(message), () -> run.err() + " does not say " + message);
  }

  private static void assertSummary(CommandRun run, String start) {
    assertTrue(
        run.out().lines().anyMatch(line -> line.startsWith(start)),
        () -> "no line starts with '" + start + "' in\n" + run.out());
  }

  /** Names and errors in turn. */
  private static void assertErrors(Output output, String... expected) {
    String[] found =
        output.rows().stream()
            .flatMap(row -> Stream.of(row.getString(0), row.getString(7)))
            .toArray(String[]::new);
    assertEquals(Arrays.asList(expected), Arrays.asList(found));
    for (Row row : output.rows()) {
      assertEquals(row.isNullAt(7), !row.isNullAt(1), "either an embedding or an error");
      assertEquals(row.isNullAt(7), !row.isNullAt(5), "a pattern where there is an embedding");
    }
  }

  private CommandRun embed(String input, String... options) {
    return CommandRun.of(
        Stream.concat(Stream.of("embed", input, "-o", output()), Stream.of(options))
            .toArray(String[]::new));
  }

  private String output() {
    return path("output");
  }

  private String path(String name) {
    return folder.resolve(name).toString();
  }

  private void write(String name, String text) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  private static void line(ByteArrayOutputStream out, String text) throws IOException {
    out.write((text + "\n").getBytes(StandardCharsets.UTF_8));
  }
}
