package io.longreach.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.luben.zstd.ZstdOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Inputs beyond text, JSON lines and Parquet. */
class InputsTest {
  private static final StructType SCHEMA =
      new StructType().add("doc_id", DataTypes.StringType).add("text", DataTypes.StringType);

  @TempDir Path folder;

  @Test
  void csvWithQuotesAndLineBreaks() throws IOException {
    write("a.csv", "doc_id,text\none,\"He said \"\"yes\"\",\nand left.\"\ntwo,Plain.\n");
    assertDocuments(embed(path("a.csv")), "one", "two");
  }

  @Test
  void tablesAndQueries() {
    Output.write(
        path("t.parquet"),
        SCHEMA,
        List.of(RowFactory.create("a", "Some text."), RowFactory.create("b", "More text.")));
    String table = "parquet.`" + path("t.parquet") + "`";
    assertDocuments(embed("--table", table), "a", "b");
    assertDocuments(
        embed(
            "--query",
            "select upper(doc_id) as doc_id, text from " + table + " where doc_id = 'b'",
            "--overwrite"),
        "B");
    CommandRun wrong = embed("--query", "selec 1", "--overwrite");
    assertEquals(ExitStatus.USAGE, wrong.status());
    assertTrue(wrong.err().startsWith("longreach: the query cannot be run: "), wrong.err());
    CommandRun missing = embed("--table", "no_such_table", "--overwrite");
    assertEquals(ExitStatus.USAGE, missing.status());
    assertTrue(missing.err().contains("'no_such_table' cannot be read"), missing.err());
    assertEquals(ExitStatus.USAGE, embed("--table", "a", "--query", "b").status());
    assertEquals(ExitStatus.USAGE, embed(path("t.parquet"), "--table", "a").status());
  }

  @Test
  void orcAndAvro() {
    for (String format : List.of("orc", "avro")) {
      try (SparkSession spark =
          SparkSession.builder()
              .master("local[1]")
              .config("spark.ui.enabled", "false")
              .config("spark.driver.host", "localhost")
              .config("spark.driver.bindAddress", "127.0.0.1")
              .getOrCreate()) {
        spark
            .createDataFrame(List.of(RowFactory.create(format, "Text in a row.")), SCHEMA)
            .write()
            .format(format)
            .save(path("t." + format));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      assertDocuments(embed(path("t." + format), "--overwrite"), format);
    }
  }

  @Test
  void avroIsWrittenAndGoneOnWith() throws IOException {
    write("a.txt", "Some text.");
    assertEquals(ExitStatus.DONE, embed(path("a.txt"), "--output-format", "avro").status());
    CommandRun again = embed(path("a.txt"), "--output-format", "avro");
    assertEquals(ExitStatus.DONE, again.status(), again.err());
    assertTrue(again.out().contains("Embedding 0 documents"), again.out());
    assertTrue(again.out().contains("documents  1, 0 failed"), again.out());
  }

  @Test
  void whatIsNoAvroIsSaidInOneLine() throws IOException {
    write("a.avro", "no Avro");
    CommandRun run = embed(path("a.avro"));
    assertEquals(ExitStatus.USAGE, run.status(), run.out());
    assertTrue(run.err().contains("cannot be read as Avro: "), run.err());
    assertEquals(1, run.errorLines().size(), run.err());
  }

  /** As on a cluster without them. */
  @Test
  void formatsWhoseLibraryIsMissingAreSaidInOneLineBeforeAnythingIsEmbedded() throws IOException {
    write("a.txt", "Some text.");
    for (String format : List.of("delta", "iceberg")) {
      CommandRun run = embed(path("a.txt"), "--output-format", format, "--output-table", "a_table");
      assertEquals(ExitStatus.USAGE, run.status(), run.out());
      assertEquals(
          List.of(
              "longreach: --output-format "
                  + format
                  + " needs its library: add it with spark-submit --packages"),
          run.errorLines());
      assertFalse(Files.exists(folder.resolve("out")), "nothing is written");
      CommandRun table = embed("--table", format + ".`" + path("t") + "`");
      assertEquals(ExitStatus.USAGE, table.status(), table.out());
      assertTrue(table.err().contains("cannot be read: "), table.err());
      assertEquals(1, table.errorLines().size(), table.err());
    }
  }

  @Test
  void zstdLinesThroughAGlob() throws IOException {
    for (String name : List.of("x1", "x2", "y1")) {
      try (OutputStream out =
          new ZstdOutputStream(Files.newOutputStream(folder.resolve(name + ".jsonl.zst")))) {
        out.write(
            ("{\"doc_id\": \"" + name + "\", \"text\": \"Text of " + name + ".\"}\n")
                .getBytes(StandardCharsets.UTF_8));
      }
    }
    assertDocuments(embed(path("x*.jsonl.zst")), "x1", "x2");
  }

  private void assertDocuments(CommandRun run, String... ids) {
    assertEquals(ExitStatus.DONE, run.status(), run.err());
    List<Row> rows = Output.read(path("out")).rows();
    assertEquals(List.of(ids), rows.stream().map(row -> row.getString(0)).toList());
  }

  private CommandRun embed(String... arguments) {
    return CommandRun.of(
        Stream.concat(Stream.of("embed", "-o", path("out")), Stream.of(arguments))
            .toArray(String[]::new));
  }

  private String path(String name) {
    return folder.resolve(name).toString();
  }

  private void write(String name, String text) throws IOException {
    Files.writeString(folder.resolve(name), text);
  }
}
