package io.longreach.job.input;

import io.longreach.job.UsageException;
import java.util.List;

/** Messages about columns. */
final class Columns {

  private Columns() {}

  static UsageException missing(String column, List<String> present) {
    return new UsageException(
        "there is no column '"
            + column
            + "', only "
            + String.join(", ", present)
            + ": name one of them with --id-column, --text-column or the option that asked for it");
  }
}
