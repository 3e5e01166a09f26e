package io.longreach.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Public for its query. Queries give their rows in another order each time they are read; names may
 * come twice.
 */
public class QueryInputTest {
  private static final int DOCUMENTS = 40;
  private static final StructType SCHEMA =
      new StructType().add("doc_id", DataTypes.StringType).add("text", DataTypes.StringType);

  private static final Set<String> READS = ConcurrentHashMap.newKeySet();

  @TempDir Path folder;

  /** Random order and, behind it, random partitions; a run that died left half of the files. */
  @Test
  void anotherOrderAtEachReadLosesNothing() throws IOException {
    Output.write(path("docs"), SCHEMA, rows());
    String query =
        "select doc_id, text from parquet.`"
            + path("docs")
            + "` distribute by length(doc_id), substr(doc_id, 2) % 3"
            + " sort by reflect('java.util.UUID', 'randomUUID')";
    assertEquals(ExitStatus.DONE, embed("--query", query, "--tasks", "8").status());
    assertEquals(ids(rows()), ids(Output.read(path("out")).rows()));
    for (int round = 0; round < 2; round++) {
      int lost = loseHalf();
      CommandRun again = embed("--query", query, "--tasks", "8");
      assertEquals(ExitStatus.DONE, again.status(), again.err());
      assertTrue(again.out().contains("Embedding " + lost + " documents"), again.out());
      assertEquals(ids(rows()), ids(Output.read(path("out")).rows()));
    }
  }

  @Test
  void oneNameTwiceIsTwoRowsAlsoAfterAKill() throws IOException {
    List<Row> twice = new ArrayList<>(rows().subList(0, 10));
    twice.addAll(twice.subList(0, 5));
    twice.add(RowFactory.create("d9", "Another text of the same name."));
    twice.add(RowFactory.create(null, "A text without a name."));
    twice.add(RowFactory.create(null, "A text without a name."));
    Output.write(path("docs"), SCHEMA, twice);
    assertEquals(ExitStatus.DONE, embed(path("docs"), "--tasks", "6").status());
    List<String> whole = ids(Output.read(path("out")).rows());
    assertEquals(18, whole.size());
    int lost = loseHalf();
    CommandRun again = embed(path("docs"), "--tasks", "6");
    assertEquals(ExitStatus.DONE, again.status(), again.err());
    assertTrue(again.out().contains("Embedding " + lost + " documents"), again.out());
    assertEquals(whole, ids(Output.read(path("out")).rows()));
  }

  @Test
  void anInputThatShrinksDuringTheRunIsNotSilentlyDone() {
    Output.write(path("docs"), SCHEMA, rows());
    String query =
        "select doc_id, text from parquet.`"
            + path("docs")
            + "` where reflect('io.longreach.job.QueryInputTest', 'isStillThere', doc_id) = 'true'";
    READS.clear();
    CommandRun run = embed("--query", query);
    assertEquals(ExitStatus.FAILED, run.status(), run.out());
    assertTrue(
        run.err().contains("40 documents to embed when it was planned and 39 when"), run.err());
  }

  /** For the query: d7 is there once. */
  public static boolean isStillThere(String id) {
    return READS.add(id) || !id.equals("d7");
  }

  private static List<Row> rows() {
    return IntStream.range(0, DOCUMENTS)
        .mapToObj(i -> RowFactory.create("d" + i, "Document " + i + " says so."))
        .toList();
  }

  private static List<String> ids(List<Row> rows) {
    return rows.stream().map(row -> row.getString(0)).sorted().toList();
  }

  /** Deletes every second file, and says how many rows it had. */
  private int loseHalf() throws IOException {
    int before = Output.read(path("out")).rows().size();
    List<Path> parts;
    try (Stream<Path> files = Files.list(folder.resolve("out"))) {
      parts =
          files.filter(file -> file.getFileName().toString().startsWith("part-")).sorted().toList();
    }
    for (int i = 0; i < parts.size(); i += 2) {
      Files.delete(parts.get(i));
    }
    return before - Output.read(path("out")).rows().size();
  }

  private CommandRun embed(String... arguments) {
    return CommandRun.of(
        Stream.concat(Stream.of("embed", "-o", path("out")), Stream.of(arguments))
            .toArray(String[]::new));
  }

  private String path(String name) {
    return folder.resolve(name).toString();
  }
}
