package io.longreach.udfs.hadoop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longreach.encoders.Embedder;
import io.longreach.encoders.EmbedderOptions;
import io.longreach.encoders.checkpoint.CheckpointException;
import io.longreach.encoders.checkpoint.CheckpointFolder;
import io.longreach.encoders.checkpoint.FolderOpener;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HadoopFolderOpenerTest {
  @TempDir Path directory;

  @Test
  void readsThroughHadoop() throws IOException {
    Files.writeString(directory.resolve("config.json"), "0123456789");
    Files.createDirectory(directory.resolve("1_Pooling"));
    CheckpointFolder folder = new HadoopFolderOpener().open(directory.toUri()).orElseThrow();
    assertEquals(10, folder.bytes("config.json").orElseThrow());
    assertTrue(folder.bytes("1_Pooling").isEmpty(), "a folder is no file");
    assertTrue(folder.bytes("nothing").isEmpty(), "there is nothing");
    for (int pass = 0; pass < 2; pass++) {
      assertEquals(
          "345", StandardCharsets.UTF_8.decode(folder.slice("config.json", 3, 3)).toString());
    }
  }

  @Test
  void isFoundAsAService() {
    CheckpointFolder folder = FolderOpener.find(directory.toUri());
    assertTrue(folder instanceof HadoopFolder, "the opener is registered as a service");
  }

  @Test
  void anUnknownSchemeIsNamed() {
    IllegalArgumentException wrong =
        assertThrows(
            CheckpointException.class,
            () ->
                Embedder.open(
                    new EmbedderOptions("gopher://host/model", "auto", "tile", 0, "cpu", 1)));
    assertEquals(
        "model gopher://host/model: no file system is known for gopher: add Hadoop's jar for it,"
            + " or copy the folder to this machine",
        wrong.getMessage());
  }
}
