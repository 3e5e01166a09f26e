package io.longreach.job.embed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longreach.encoders.EmbedderOptions;
import io.longreach.job.ExitStatus;
import io.longreach.job.JobKryoRegistrator;
import io.longreach.job.input.DocumentSource;
import io.longreach.job.output.Chunking;
import io.longreach.job.output.OutputFormat;
import io.longreach.job.output.OutputSchema;
import io.longreach.job.output.OutputTarget;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A run that is killed before any one of its changes to the file system is finished by the same
 * command, to the same rows.
 */
class CrashTest {
  private static final int DOCUMENTS = 5;
  private static SparkSession spark;

  @TempDir Path folder;

  @BeforeAll
  static void open() {
    spark =
        SparkSession.builder()
            .master("local[2]")
            .config("spark.ui.enabled", "false")
            .config("spark.driver.host", "localhost")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.serializer", "org.apache.spark.serializer.KryoSerializer")
            .config("spark.kryo.registrator", JobKryoRegistrator.class.getName())
            .config("spark.kryo.registrationRequired", "true")
            .config(FaultyFileSystem.SETTING, FaultyFileSystem.class.getName())
            .getOrCreate();
    // Each crash would fill a page.
    spark.sparkContext().setLogLevel("OFF");
  }

  @AfterAll
  static void close() {
    spark.stop();
  }

  @BeforeEach
  void write() throws IOException {
    FaultyFileSystem.mend();
    Files.createDirectories(folder.resolve("in"));
    for (int i = 0; i < DOCUMENTS; i++) {
      Files.writeString(folder.resolve("in/" + i + ".txt"), "Document " + i + " says so.");
    }
    Files.writeString(folder.resolve("in/blank.txt"), " ");
  }

  @AfterEach
  void mend() {
    FaultyFileSystem.mend();
  }

  @Test
  void aFirstRunMayDieAnywhere() throws IOException {
    run("whole", EmbedRequest.Existing.REFUSE);
    List<Row> whole = rows("whole");
    long changes = FaultyFileSystem.changes();
    assertEquals(DOCUMENTS, whole.size());
    for (long dies : some(changes)) {
      String output = "died-" + dies;
      crash(output, EmbedRequest.Existing.REFUSE, dies);
      run(output, EmbedRequest.Existing.REFUSE);
      assertEquals(whole, rows(output), "killed before change " + dies + " of " + changes);
      assertEquals(1, errors(output), "killed before change " + dies + " of " + changes);
    }
  }

  @Test
  void anUpdateMayDieAnywhere() throws IOException {
    run("out", EmbedRequest.Existing.REFUSE);
    copy("out", "updated");
    Files.writeString(folder.resolve("in/1.txt"), "Document 1 has changed its mind.");
    Files.writeString(folder.resolve("in/new.txt"), "A new document.");
    FaultyFileSystem.mend();
    run("updated", EmbedRequest.Existing.UPDATE);
    List<Row> updated = rows("updated");
    long changes = FaultyFileSystem.changes();
    assertEquals(DOCUMENTS + 1, updated.size());
    for (long dies : some(changes)) {
      String output = "died-" + dies;
      copy("out", output);
      crash(output, EmbedRequest.Existing.UPDATE, dies);
      run(output, EmbedRequest.Existing.UPDATE);
      assertEquals(updated, rows(output), "killed before change " + dies + " of " + changes);
    }
  }

  /** A task's folders appear one by one, and these rows are equal in all but their folder. */
  @Test
  void rowsThatDifferInTheirFolderAloneMayDieBetweenTheirFolders() throws IOException {
    String row = "{\"doc_id\": \"twin\", \"text\": \"The same text.\"";
    Files.writeString(
        folder.resolve("in.jsonl"),
        row
            + ", \"year\": \"1790\"}\n"
            + row
            + ", \"year\": \"1791\"}\n"
            + row
            + "}\n"
            + row
            + "}\n");
    partitioned("whole").run();
    List<Row> whole = twins("whole");
    long changes = FaultyFileSystem.changes();
    assertEquals("[[twin,null], [twin,null], [twin,1790], [twin,1791]]", whole.toString());
    boolean halfDone = false;
    int folders = whole.size();
    for (long dies = changes - 1; folders > 0; dies--) {
      String output = "died-" + dies;
      FaultyFileSystem.crashAfter(dies);
      crash(partitioned(output), dies);
      folders = folders(output);
      halfDone |= folders == 1 || folders == 2;
      partitioned(output).run();
      assertEquals(whole, twins(output), "killed before change " + dies + " of " + changes);
    }
    assertTrue(halfDone, "no run died between the folders");
  }

  private EmbedJob partitioned(String output) {
    DocumentSource source =
        new DocumentSource(
            DocumentSource.Kind.FILES,
            folder.resolve("in.jsonl").toString(),
            "in.jsonl",
            Optional.empty(),
            "doc_id",
            "text",
            Optional.empty(),
            List.of("year"),
            Optional.empty());
    OutputTarget target =
        new OutputTarget(
            path(output),
            OutputFormat.PARQUET,
            new OutputSchema(Chunking.none(), List.of("year")),
            Optional.empty(),
            OutputTarget.TableMode.CREATE);
    return job(source, target, EmbedRequest.Existing.REFUSE, 1);
  }

  private List<Row> twins(String output) {
    return spark
        .read()
        .parquet(path(output))
        .selectExpr("doc_id", "string(year)")
        .orderBy("year")
        .collectAsList();
  }

  private int folders(String output) throws IOException {
    Path folderOfOutput = folder.resolve(output);
    if (!Files.exists(folderOfOutput)) {
      return 0;
    }
    try (Stream<Path> files = Files.list(folderOfOutput)) {
      return (int) files.filter(file -> file.getFileName().toString().startsWith("year=")).count();
    }
  }

  /** The first and the last steps, where the driver works alone, and every sixth between. */
  private static long[] some(long changes) {
    return LongStream.range(0, changes)
        .filter(n -> n < 6 || n > changes - 6 || n % 6 == 0)
        .toArray();
  }

  /** Two at once, as when a scheduler gives up on a driver that lives on. */
  @Test
  void aRunThatWasTakenOverAddsNothing() throws IOException {
    OutputTable first = new OutputTable(spark, OutputTarget.parquet(path("out")));
    first.begin("in", "configuration");
    OutputTable second = new OutputTable(spark, OutputTarget.parquet(path("out")));
    second.recover();
    Exception late =
        assertThrows(
            Exception.class,
            () ->
                first.append(
                    spark.range(1).toDF().javaRDD().map(row -> RowFactory.create(new Object[9]))));
    assertTrue(causes(late).contains("another run has begun to write"), causes(late));
    assertThrows(IllegalStateException.class, first::succeed);
    assertFalse(Files.exists(folder.resolve("out/_SUCCESS")));
    second.succeed();
    assertTrue(Files.exists(folder.resolve("out/_SUCCESS")));
  }

  private static String causes(Throwable failure) {
    StringBuilder text = new StringBuilder();
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      text.append(cause.getMessage()).append('\n');
    }
    return text.toString();
  }

  private void crash(String output, EmbedRequest.Existing existing, long changes) {
    FaultyFileSystem.crashAfter(changes);
    crash(job(output, existing), changes);
  }

  private void crash(EmbedJob job, long changes) {
    boolean died = false;
    try {
      job.run();
    } catch (Exception e) {
      died = true;
    }
    // Runs differ by a change or two (a folder that is there already), so that one may end in time.
    boolean ended = FaultyFileSystem.changes() <= changes;
    assertTrue(died || ended, "change " + changes + " failed and nobody noticed");
    FaultyFileSystem.mend();
  }

  private void run(String output, EmbedRequest.Existing existing) throws IOException {
    assertEquals(ExitStatus.DONE_WITH_FAILURES, job(output, existing).run());
  }

  private EmbedJob job(String output, EmbedRequest.Existing existing) {
    DocumentSource source =
        new DocumentSource(
            DocumentSource.Kind.FILES,
            folder.resolve("in").toString(),
            "in",
            Optional.empty(),
            "doc_id",
            "text");
    return job(source, OutputTarget.parquet(path(output)), existing, 2);
  }

  private EmbedJob job(
      DocumentSource source, OutputTarget target, EmbedRequest.Existing existing, int tasks) {
    EmbedRequest request =
        new EmbedRequest(
            source,
            target,
            existing,
            EmbedderOptions.defaults(),
            new EmbedRequest.Planning(
                Optional.empty(),
                Optional.of(tasks),
                EmbedRequest.TokenCounts.SAMPLED,
                EmbedRequest.Action.EMBED),
            Optional.empty());
    return new EmbedJob(
        spark,
        request,
        new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8));
  }

  private String path(String output) {
    return "faulty://" + folder.resolve(output);
  }

  private List<Row> rows(String output) {
    return spark.read().parquet(path(output)).collectAsList().stream()
        .sorted(Comparator.comparing(row -> row.getString(0)))
        .toList();
  }

  private long errors(String output) {
    return spark.read().schema("doc_id string").json(path(output) + "/_errors").count();
  }

  private void copy(String from, String to) throws IOException {
    try (Stream<Path> files = Files.walk(folder.resolve(from))) {
      for (Path file : files.toList()) {
        Path copy = folder.resolve(to).resolve(folder.resolve(from).relativize(file));
        if (Files.isDirectory(file)) {
          Files.createDirectories(copy);
        } else {
          Files.copy(file, copy);
        }
      }
    }
  }
}
