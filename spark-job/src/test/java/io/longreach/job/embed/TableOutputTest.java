package io.longreach.job.embed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longreach.encoders.EmbedderOptions;
import io.longreach.job.ExitStatus;
import io.longreach.job.UsageException;
import io.longreach.job.input.DocumentSource;
import io.longreach.job.output.OutputFormat;
import io.longreach.job.output.OutputSchema;
import io.longreach.job.output.OutputTarget;
import io.longreach.job.output.OutputTarget.TableMode;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A table gets its rows at the end: created, appended to or overwritten, as asked. */
class TableOutputTest {
  @TempDir Path folder;

  @Test
  void createAppendOverwrite() throws IOException {
    try (SparkSession spark =
        SparkSession.builder()
            .master("local[2]")
            .config("spark.ui.enabled", "false")
            .config("spark.driver.host", "localhost")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.sql.shuffle.partitions", "2")
            .config("spark.sql.warehouse.dir", folder.resolve("warehouse").toString())
            .getOrCreate()) {
      documents("a", "b");
      run(spark, "one", TableMode.CREATE);
      assertEquals(List.of("a", "b"), ids(spark));
      run(spark, "one", TableMode.CREATE);
      assertEquals(List.of("a", "b"), ids(spark), "nothing new, nothing done");

      documents("a", "b", "c");
      UsageException exists =
          assertThrows(UsageException.class, () -> run(spark, "one", TableMode.CREATE));
      assertTrue(exists.getMessage().contains("the table 'vectors' exists"), exists.getMessage());
      run(spark, "one", TableMode.APPEND);
      assertEquals(List.of("a", "b", "c"), ids(spark));
      run(spark, "two", TableMode.APPEND);
      assertEquals(List.of("a", "b", "c"), ids(spark), "the table had them all");

      documents("d");
      run(spark, "three", TableMode.OVERWRITE);
      assertEquals(List.of("d"), ids(spark));
    }
  }

  private void documents(String... ids) throws IOException {
    StringBuilder lines = new StringBuilder();
    for (String id : ids) {
      lines.append("{\"doc_id\": \"%s\", \"text\": \"Text of %s.\"}%n".formatted(id, id));
    }
    Files.writeString(folder.resolve("in.jsonl"), lines);
  }

  private void run(SparkSession spark, String output, TableMode mode) throws IOException {
    EmbedRequest request =
        new EmbedRequest(
            new DocumentSource(
                DocumentSource.Kind.FILES,
                folder.resolve("in.jsonl").toString(),
                "in",
                Optional.empty(),
                "doc_id",
                "text"),
            new OutputTarget(
                folder.resolve(output).toString(),
                OutputFormat.PARQUET,
                OutputSchema.plain(),
                Optional.of("vectors"),
                mode),
            EmbedRequest.Existing.REFUSE,
            EmbedderOptions.defaults(),
            EmbedRequest.Planning.defaults(),
            Optional.empty());
    PrintStream silent =
        new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8);
    assertEquals(ExitStatus.DONE, new EmbedJob(spark, request, silent).run());
  }

  private static List<String> ids(SparkSession spark) {
    return spark.table("vectors").select("doc_id").orderBy("doc_id").collectAsList().stream()
        .map(row -> row.getString(0))
        .toList();
  }
}
