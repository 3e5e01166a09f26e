package io.longreach.job.evaluate;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The table of an evaluation, as Markdown. */
public final class QualityReport {
  private static final String HEADING =
      """
      | Setting | recall@1 | recall@5 | MRR | ± | MRR, centred | tokens/s |
      |---|---|---|---|---|---|---|
      """;

  private final String introduction;
  private final List<String> rows = new ArrayList<>();

  QualityReport(String introduction) {
    this.introduction = introduction;
  }

  /** The head of the table. */
  public static String heading() {
    return HEADING;
  }

  String add(String setting, Retrieval plain, Retrieval centred, double tokensPerSecond) {
    return add(
        String.format(
            Locale.ROOT,
            "| `%s` | %.3f | %.3f | %.3f | %.3f | %.3f | %,.0f |%n",
            setting,
            plain.recallAt1(),
            plain.recallAt5(),
            plain.meanReciprocalRank(),
            plain.standardError(),
            centred.meanReciprocalRank(),
            tokensPerSecond));
  }

  String addFailed(String setting, String reason) {
    return add(String.format("| `%s` | not computed: %s | | | | | |%n", setting, reason));
  }

  private String add(String row) {
    rows.add(row);
    return row;
  }

  /** The whole page. */
  String markdown() {
    return introduction + "\n" + HEADING + String.join("", rows);
  }
}
