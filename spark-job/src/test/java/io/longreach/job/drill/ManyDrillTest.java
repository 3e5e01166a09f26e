package io.longreach.job.drill;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The drill of a million documents with a few hundred, and that it tells when one is missing. */
class ManyDrillTest {
  @TempDir Path folder;

  @Test
  void everyDocumentIsThereOnceAndIsNotDoneAgain() throws IOException {
    try (SparkSession spark =
        SparkSession.builder()
            .master("local[2]")
            .config("spark.ui.enabled", "false")
            .config("spark.driver.host", "localhost")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .getOrCreate()) {
      String out = drill(spark, 300, true);
      assertTrue(out.contains("new: status 0, 300 rows of 300 documents, 3,600 tokens"), out);
      assertTrue(out.contains("gone on with: status 0, 300 rows of 300 documents"), out);
      assertTrue(out.contains("Embedding 0 documents"), out);
      // Its output is gone on with, and holds more than the input that it is given now.
      assertFalse(drill(spark, 299, false).isEmpty());
      assertFalse(Files.exists(folder.resolve("embeddings/_errors")));
    }
  }

  private String drill(SparkSession spark, int documents, boolean complete) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    PrintStream print = new PrintStream(out, true, StandardCharsets.UTF_8);
    assertEquals(complete, new ManyDrill(spark, folder, documents, 12, print).run());
    return out.toString(StandardCharsets.UTF_8);
  }
}
