package io.longreach.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
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
}
