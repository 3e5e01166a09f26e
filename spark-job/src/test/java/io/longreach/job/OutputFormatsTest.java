package io.longreach.job;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowFileReader;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Outputs other than Parquet hold the same vectors, and every one of them can be gone on with. */
class OutputFormatsTest {
  private static final int DOCUMENTS = 5;
  private static final int DIMENSIONS = 384;
  private static final ObjectMapper MAPPER = new ObjectMapper();

  @TempDir Path folder;

  @BeforeEach
  void write() throws IOException {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < DOCUMENTS; i++) {
      lines.append(line(i, "Document " + i + " says so."));
    }
    Files.writeString(folder.resolve("in.jsonl"), lines);
  }

  private static String line(int i, String text) {
    return "{\"doc_id\": \"d%d\", \"text\": \"%s\", \"year\": %d}%n"
        .formatted(i, text, 1790 + i % 2);
  }

  @Test
  void jsonLinesAreGoneOnWithAndKeepTheBits() throws IOException {
    Map<String, List<Float>> expected = parquet();
    assertDone(embed("out", "--output-format", "jsonl.gz", "--tasks", "3"));
    assertTrue(files("out", "part-.*\\.json\\.gz").size() >= 3);
    Files.delete(files("out", "part-.*").get(0));
    CommandRun again = embed("out", "--output-format", "jsonl.gz");
    assertDone(again);
    assertFalse(again.out().contains("Embedding 5 documents"), again.out());
    assertFalse(again.out().contains("Embedding 0 documents"), again.out());
    Map<String, List<Float>> found = new HashMap<>();
    for (Path file : files("out", "part-.*")) {
      String text =
          new String(
              new java.util.zip.GZIPInputStream(Files.newInputStream(file)).readAllBytes(),
              StandardCharsets.UTF_8);
      for (String line : text.lines().toList()) {
        JsonNode row = MAPPER.readTree(line);
        List<Float> vector = new ArrayList<>();
        row.path("embedding").forEach(x -> vector.add((float) x.asDouble()));
        found.put(row.path("doc_id").asText(), vector);
      }
    }
    assertEquals(expected, found);
    CommandRun other = embed("out", "--update");
    assertEquals(ExitStatus.USAGE, other.status(), other.out());
    assertTrue(other.err().contains("holds jsonl.gz, not parquet: name another"), other.err());
  }

  @Test
  void numPyMatricesHaveALineForEachRow() throws IOException {
    Map<String, List<Float>> expected = parquet();
    assertDone(embed("out", "--output-format", "npy", "--tasks", "2"));
    assertEquals(expected, npy());
    CommandRun again = embed("out", "--output-format", "npy");
    assertDone(again);
    assertTrue(again.out().contains("Embedding 0 documents"), again.out());
    Files.writeString(
        folder.resolve("in.jsonl"),
        line(9, "A new document."),
        java.nio.file.StandardOpenOption.APPEND);
    assertDone(embed("out", "--output-format", "npy"));
    Map<String, List<Float>> more = npy();
    assertEquals(DOCUMENTS + 1, more.size());
    more.remove("d9");
    assertEquals(expected, more);
  }

  private Map<String, List<Float>> npy() throws IOException {
    Map<String, List<Float>> found = new HashMap<>();
    for (Path file : files("out", "part-.*\\.npy")) {
      ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
      byte[] magic = new byte[8];
      bytes.get(magic);
      assertArrayEquals(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0}, magic);
      byte[] header = new byte[bytes.getShort()];
      bytes.get(header);
      assertEquals(0, bytes.position() % 64, "aligned");
      List<String> lines =
          Files.readAllLines(
              file.resolveSibling(file.getFileName().toString().replace(".npy", ".jsonl")));
      assertEquals(
          "{'descr': '<f4', 'fortran_order': False, 'shape': (%d, %d), }"
              .formatted(lines.size(), DIMENSIONS),
          new String(header, StandardCharsets.US_ASCII).strip());
      assertEquals(4 * lines.size() * DIMENSIONS, bytes.remaining());
      for (String line : lines) {
        List<Float> vector = new ArrayList<>();
        for (int i = 0; i < DIMENSIONS; i++) {
          vector.add(bytes.getFloat());
        }
        JsonNode row = MAPPER.readTree(line);
        assertEquals("dense", row.path("pattern").asText());
        found.put(row.path("doc_id").asText(), vector);
      }
    }
    return found;
  }

  @Test
  void arrowFilesHoldMatrices() throws IOException {
    Map<String, List<Float>> expected = parquet();
    assertDone(embed("out", "--output-format", "arrow"));
    Map<String, List<Float>> found = new HashMap<>();
    for (Path file : files("out", "part-.*\\.arrow")) {
      try (BufferAllocator allocator = new RootAllocator();
          ArrowFileReader reader = new ArrowFileReader(FileChannel.open(file), allocator)) {
        VectorSchemaRoot root = reader.getVectorSchemaRoot();
        assertTrue(
            root.getSchema().findField("embedding").getType().toString().contains("FixedSizeList"));
        while (reader.loadNextBatch()) {
          for (int row = 0; row < root.getRowCount(); row++) {
            List<Float> vector = new ArrayList<>();
            ((List<?>) root.getVector("embedding").getObject(row))
                .forEach(x -> vector.add((Float) x));
            found.put(root.getVector("doc_id").getObject(row).toString(), vector);
            assertTrue((Long) root.getVector("tokens").getObject(row) > 5);
          }
        }
      }
    }
    assertEquals(expected, found);
  }

  @Test
  void partitionsByAColumnOfTheInput() throws IOException {
    Map<String, List<Float>> expected = parquet();
    assertDone(embed("out", "--partition-by", "year,pattern"));
    assertEquals(2, files("out", "year=179[01]").size());
    assertEquals(1, files("out/year=1790", "pattern=dense").size());
    assertEquals(expected, Output.read(path("out")).embeddings());
    String changed =
        Files.readString(folder.resolve("in.jsonl"))
            .replace("Document 1 says", "Document 1 denies");
    Files.writeString(folder.resolve("in.jsonl"), changed);
    CommandRun again = embed("out", "--partition-by", "year,pattern");
    assertDone(again);
    assertTrue(again.out().contains("Embedding 1 documents"), again.out());
    Map<String, List<Float>> after = Output.read(path("out")).embeddings();
    assertEquals(DOCUMENTS, Output.read(path("out")).rows().size(), "no row of the old text");
    assertNotEquals(expected.remove("d1"), after.remove("d1"));
    assertEquals(expected, after);
    CommandRun missing = embed("other", "--partition-by", "month");
    assertEquals(ExitStatus.USAGE, missing.status());
    assertTrue(missing.err().contains("there is no column 'month'"), missing.err());
  }

  @Test
  void chunksHaveARowEachAndTheDocumentsContext() throws IOException {
    String text = "The first sentence is here. A second one follows it! Is there a third? Yes.";
    Files.writeString(folder.resolve("in.jsonl"), line(0, text) + line(1, "Short."));
    assertDone(embed("whole"));
    assertDone(embed("tokens", "--chunk-tokens", "6"));
    assertDone(embed("large", "--chunk-tokens", "1000"));
    CommandRun sentences = embed("sentences", "--chunk-by", "sentences");
    assertDone(sentences);
    assertTrue(sentences.out().contains("documents  2, 0 failed"), sentences.out());
    assertTrue(sentences.out().contains("tokens     25 used of 25"), sentences.out());
    assertEquals(
        List.of(
            "The first sentence is here. ",
            "A second one follows it! ",
            "Is there a third? ",
            "Yes."),
        chunks("sentences", "d0"));
    assertEquals(
        List.of("The first sentence is here. A second one follows it! ", "Is there a third? Yes."),
        chunksOf(embed("packed", "--chunk-by", "sentences", "--chunk-tokens", "14"), "packed"));
    assertEquals(text.replace(" ", ""), String.join("", chunks("tokens", "d0")).replace(" ", ""));
    assertEquals(4, chunks("tokens", "d0").size());
    assertEquals(Output.read(path("whole")).embeddings(), Output.read(path("large")).embeddings());
    CommandRun again = embed("sentences", "--chunk-by", "sentences");
    assertTrue(again.out().contains("Embedding 0 documents"), again.out());
  }

  private List<String> chunksOf(CommandRun run, String output) {
    assertDone(run);
    return chunks(output, "d0");
  }

  private List<String> chunks(String output, String id) {
    return Output.column(path(output), id, "chunk", "chunk_text");
  }

  @Test
  void whatDoesNotGoTogetherIsSaidFirst() {
    assertUsage("--output-format iceberg needs a table", "--output-format", "iceberg");
    assertUsage("delta needs its library", "--output-format", "delta");
    assertUsage("has neither tables nor", "--output-format", "npy", "--partition-by", "year");
    assertUsage("must be parquet, jsonl", "--output-format", "xml");
    assertUsage("name it with --output-table", "--table-mode", "append");
    assertUsage("--chunk-tokens must be at least 1, was 0", "--chunk-tokens", "0");
    assertUsage("--chunk-by tokens needs --chunk-tokens", "--chunk-by", "tokens");
    assertUsage("must be tokens or sentences", "--chunk-by", "words");
    assertUsage("a time must be as in", "--since", "yesterday");
    assertUsage("--since-column goes with --since", "--since-column", "year");
    assertFalse(Files.exists(folder.resolve("out")));
  }

  @Test
  void sinceReadsOnlyWhatIsNew() throws IOException {
    Files.createDirectories(folder.resolve("texts"));
    for (String name : List.of("old", "new")) {
      Path file = Files.writeString(folder.resolve("texts/" + name + ".txt"), "A text, " + name);
      Files.setLastModifiedTime(
          file,
          FileTime.from(
              Instant.parse(name.equals("old") ? "2020-01-01T00:00:00Z" : "2026-01-01T00:00:00Z")));
    }
    String texts = path("texts");
    String out = path("out");
    CommandRun none = CommandRun.of("embed", texts, "-o", out, "--since", "2027-01-01");
    assertDone(none);
    assertTrue(none.out().contains("documents  0, 0 failed"), none.out());
    assertDone(CommandRun.of("embed", texts, "-o", out, "--since", "2025-06-30"));
    assertEquals(List.of("new.txt"), List.copyOf(Output.read(out).embeddings().keySet()));
    assertDone(CommandRun.of("embed", texts, "-o", out));
    assertEquals(2, Output.read(out).rows().size());

    Files.writeString(
        folder.resolve("in.jsonl"),
        "{\"doc_id\": \"a\", \"text\": \"A.\", \"at\": \"2024-12-31\"}\n"
            + "{\"doc_id\": \"b\", \"text\": \"B.\", \"at\": \"2025-01-01T00:00:00Z\"}\n"
            + "{\"doc_id\": \"c\", \"text\": \"C.\"}\n");
    assertDone(embed("rows", "--since", "2025-01-01", "--since-column", "at"));
    assertEquals(List.of("b", "c"), List.copyOf(Output.read(path("rows")).embeddings().keySet()));
  }

  private void assertUsage(String message, String... options) {
    CommandRun run = embed("out", options);
    assertEquals(ExitStatus.USAGE, run.status(), Arrays.toString(options) + run.out() + run.err());
    assertTrue(run.err().contains(message), run.err());
    assertEquals(1, run.errorLines().size(), run.err());
  }

  private Map<String, List<Float>> parquet() {
    assertDone(embed("parquet"));
    return Output.read(path("parquet")).embeddings();
  }

  private static void assertDone(CommandRun run) {
    assertEquals(ExitStatus.DONE, run.status(), run.out() + run.err());
  }

  private CommandRun embed(String output, String... options) {
    return CommandRun.of(
        Stream.concat(Stream.of("embed", path("in.jsonl"), "-o", path(output)), Stream.of(options))
            .toArray(String[]::new));
  }

  private List<Path> files(String below, String name) throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve(below))) {
      return files.filter(file -> file.getFileName().toString().matches(name)).sorted().toList();
    }
  }

  private String path(String name) {
    return folder.resolve(name).toString();
  }
}
