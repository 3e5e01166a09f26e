package io.longreach.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MaskCommandTest {
  private String printed;

  @Test
  void drawsAndCounts(@TempDir Path directory) {
    Path png = directory.resolve("mask.png");
    assertEquals(0, run("mask", "window(2)", "--tokens", "10", "--png", png.toString()));
    assertTrue(printed.contains(" . 1 1 1 1 1 . . . .\n"), printed);
    assertTrue(printed.contains("44 of 100"), printed);
    assertTrue(Files.exists(png), "the image is written");
  }

  @Test
  void countsWhatIsTooLongToDraw() {
    assertEquals(0, run("mask", "dense", "--tokens", "1000000"));
    assertTrue(printed.contains("1,000,000,000,000 of 1,000,000,000,000"), printed);
  }

  @Test
  void wrongUseIsExplained() {
    assertEquals(2, run("mask", "windw(2)", "--tokens", "10"));
    assertTrue(printed.contains("did you mean 'window'?\n  windw(2)\n  ^"), printed);
    assertEquals(2, run("mask", "global(12)", "--tokens", "10"));
    assertTrue(printed.contains("token 12 of 10 tokens"), printed);
    assertEquals(2, run("mask", "window(2)", "--tokens", "0"));
  }

  @Test
  void verifyingNothingFails(@TempDir Path directory) {
    assertEquals(1, run("verify", directory.toString()));
    assertTrue(printed.contains("0 of 1 passed"), printed);
  }

  private int run(String... arguments) {
    PrintStream out = System.out;
    PrintStream err = System.err;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PrintStream both = new PrintStream(bytes, true, StandardCharsets.UTF_8);
    try {
      System.setOut(both);
      System.setErr(both);
      return Main.run(arguments);
    } finally {
      System.setOut(out);
      System.setErr(err);
      printed = bytes.toString(StandardCharsets.UTF_8).replace("\r\n", "\n");
    }
  }
}
