package io.longreach.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvaluateCommandTest {
  @TempDir Path directory;

  @Test
  void comparesSettingsAndSaysWhatFailed() throws IOException {
    Path page = directory.resolve("docs/quality.md");
    int status =
        Main.run(
            "evaluate",
            "sample",
            "--documents",
            "4",
            "--half-tokens",
            "100",
            "--setting",
            "chunks(64)",
            "--setting",
            "window(16)",
            "--setting",
            "nonsense(1)",
            "--markdown",
            page.toString());
    assertEquals(ExitStatus.DONE, status);
    String markdown = Files.readString(page);
    assertTrue(markdown.contains("each of 4 documents"), markdown);
    assertTrue(markdown.contains("| `chunks(64)` | "), markdown);
    assertTrue(markdown.contains("| `window(16)` | "), markdown);
    assertTrue(markdown.contains("| `nonsense(1)` | not computed: unknown pattern"), markdown);
  }

  @Test
  void needsDocumentsThatAreLongEnough() {
    assertEquals(ExitStatus.USAGE, Main.run("evaluate", "sample", "--half-tokens", "1000000"));
  }
}
