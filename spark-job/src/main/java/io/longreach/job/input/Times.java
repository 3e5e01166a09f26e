package io.longreach.job.input;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;

/** Points in time as people write them: a date, a date and a time, with an offset or in UTC. */
public final class Times {
  private static final int DATE_LENGTH = 10;

  private Times() {}

  /**
   * For example {@code 2026-11-25}, {@code 2026-11-25T08:30} or {@code 2026-11-25T08:30:00+01:00}.
   *
   * @throws IllegalArgumentException if it is none
   */
  public static Instant parse(String text) {
    String iso = text.strip().replace(' ', 'T');
    try {
      if (iso.length() == DATE_LENGTH) {
        return LocalDate.parse(iso).atStartOfDay().toInstant(ZoneOffset.UTC);
      }
      return iso.matches(".*(Z|[+-]\\d\\d:\\d\\d)")
          ? OffsetDateTime.parse(iso).toInstant()
          : LocalDateTime.parse(iso).toInstant(ZoneOffset.UTC);
    } catch (DateTimeException e) {
      throw new IllegalArgumentException(
          "a time must be as in 2026-11-25 or 2026-11-25T08:30:00Z, was '" + text + "'", e);
    }
  }
}
