package io.longreach.job.embed;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.OutputStream;
import java.io.PrintStream;
import org.apache.spark.util.LongAccumulator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProgressTest {
  @ParameterizedTest
  @CsvSource({
    "0, 0 s",
    "0.4, 0 s",
    "59.4, 59 s",
    "59.6, 1 min 00 s",
    "3599.4, 59 min 59 s",
    "3599.6, 1 h 00 min",
    "7260, 2 h 01 min",
    "360000, 100 h 00 min"
  })
  void durationsAreForPeople(double seconds, String expected) {
    assertEquals(expected, Progress.duration(seconds));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // Nothing yet: tokens are guessed from bytes, the time left is not known.
        "0 | 0 | 0 | 5" + " | 0 of 1,000 documents, 0 of about 20,000 tokens, 0 tokens/s, ? left",
        // A quarter of the bytes in 10 s: what they gave per byte holds for the rest.
        "250 | 4500 | 22500 | 10"
            + " | 250 of 1,000 documents, 4,500 of about 18,000 tokens, 450 tokens/s, 30 s left",
        "1000 | 18000 | 90000 | 40"
            + " | 1,000 of 1,000 documents, 18,000 of about 18,000 tokens, 450 tokens/s, 0 s left"
      })
  void saysWhatIsDoneOfTheTotalHowFastAndWhatIsLeft(
      long documents, long tokens, long bytes, double seconds, String expected) {
    LongAccumulator none = new LongAccumulator();
    PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream());
    try (Progress progress = new Progress(nowhere, 1000, 90_000, none, none, none)) {
      assertEquals(expected, progress.line(documents, tokens, bytes, seconds));
    }
  }
}
