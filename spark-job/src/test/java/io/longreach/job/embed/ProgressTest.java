package io.longreach.job.embed;

import static org.junit.jupiter.api.Assertions.assertEquals;

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
        // Nothing yet: the time left is not known.
        "0 | 0 | 5 | 0 of 1,000 documents, 0 of about 18,000 tokens, 0 tokens/s, ? left",
        "250 | 4500 | 10"
            + " | 250 of 1,000 documents, 4,500 of about 18,000 tokens, 450 tokens/s, 30 s left",
        // More than estimated, and documents to go.
        "999 | 18400 | 40"
            + " | 999 of 1,000 documents, 18,400 of about 18,400 tokens, 460 tokens/s, 0 s left",
        // The end: what was counted is what there was.
        "1000 | 17600 | 40"
            + " | 1,000 of 1,000 documents, 17,600 of about 17,600 tokens, 440 tokens/s, 0 s left"
      })
  void saysWhatIsDoneOfTheTotalHowFastAndWhatIsLeft(
      long documents, long tokens, double seconds, String expected) {
    assertEquals(expected, Progress.line(1000, 18_000, documents, tokens, seconds));
  }
}
