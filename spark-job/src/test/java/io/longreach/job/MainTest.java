package io.longreach.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MainTest {
  @Test
  void withoutACommandItSaysWhatThereIs() {
    CommandRun run = CommandRun.of();
    assertEquals(ExitStatus.USAGE, run.status());
    for (String command : new String[] {"embed", "bench", "mask", "verify"}) {
      assertTrue(run.out().contains(command), run.out());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"embd", "--colour", "embed --colour", "embed --limit many", "embed a b"})
  void whatItDoesNotKnowIsOneLine(String arguments) {
    CommandRun run = CommandRun.of(arguments.split(" "));
    assertEquals(ExitStatus.USAGE, run.status(), run.err());
    assertEquals("", run.out());
    assertEquals(1, run.errorLines().size(), run.err());
    assertTrue(run.err().startsWith("longreach: "), run.err());
    assertTrue(run.err().contains("--help"), () -> "the remedy is missing: " + run.err());
  }

  @Test
  void helpAndVersionAreNoErrors() {
    assertEquals(ExitStatus.DONE, CommandRun.of("--help").status());
    assertEquals(ExitStatus.DONE, CommandRun.of("embed", "--help").status());
    assertEquals("Longreach 0.1.0", CommandRun.of("--version").out().strip());
  }

  @Test
  void verifyingNothingIsNoSuccess(@TempDir Path folder) {
    for (Path none : List.of(folder, folder.resolve("absent"))) {
      CommandRun run = CommandRun.of("verify", none.toString());
      assertEquals(ExitStatus.FAILED, run.status(), run.out() + run.err());
      assertTrue(run.out().contains(none.toString()), run.out());
      assertTrue(run.out().contains("0 of 1 passed"), run.out());
      assertEquals("", run.err());
    }
  }

  @Test
  void benchmarksAreChosenByName() {
    CommandRun unknown = CommandRun.of("bench", "attention/window-63");
    assertEquals(ExitStatus.USAGE, unknown.status());
    assertOneLine(unknown, "attention/window-64");
    CommandRun strings = CommandRun.of("bench", "--list", "--strings", "20001");
    assertTrue(strings.err().contains("--strings must be from 2 to 20000"), strings.err());
    CommandRun linear = CommandRun.of("bench", "--list", "linear");
    assertEquals(ExitStatus.DONE, linear.status(), linear.err());
    assertEquals(
        List.of("linear/768x384x384", "linear/768x1536x384"), linear.out().lines().toList());
  }

  private static void assertOneLine(CommandRun run, String named) {
    assertEquals(1, run.errorLines().size(), run.err());
    assertTrue(run.err().startsWith("longreach: "), run.err());
    assertTrue(run.err().contains(named), () -> "'" + named + "' is not in " + run.err());
  }
}
