package io.longreach.job.report;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A report as one HTML page: nothing is fetched from anywhere. */
public final class ReportPage {
  private static final String STYLE =
      """
      body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; \
      padding: 0 1rem; color: #1b1f24; }
      h1 { font-size: 1.5rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
      table { border-collapse: collapse; } td, th { padding: .2rem .8rem .2rem 0; \
      text-align: left; vertical-align: top; } td.n, th.n { text-align: right; }
      svg { width: 100%; height: auto; } svg text { font-size: 11px; fill: #57606a; }
      .grid { stroke: #d0d7de; } .line { fill: none; stroke: #0969da; stroke-width: 2; }
      .bar { fill: #0969da; } .point { fill: #0969da; fill-opacity: .6; }
      .ideal { stroke: #8c959f; stroke-dasharray: 4 4; } .note { color: #57606a; }
      """;

  private final RunReport report;
  private final StringBuilder html = new StringBuilder();

  private ReportPage(RunReport report) {
    this.report = report;
  }

  /** UTF-8. */
  public static byte[] bytes(RunReport report) {
    return new ReportPage(report).page().getBytes(StandardCharsets.UTF_8);
  }

  private String page() {
    html.append("<!DOCTYPE html>\n<html lang='en'><head><meta charset='utf-8'>")
        .append("<meta name='viewport' content='width=device-width, initial-scale=1'>")
        .append("<title>Longreach: ")
        .append(Chart.escape(report.input()))
        .append("</title><style>\n")
        .append(STYLE)
        .append("</style></head><body>\n<h1>Longreach: ")
        .append(Chart.escape(report.input()))
        .append("</h1>\n");
    summary();
    throughput();
    time();
    tasks();
    lengths();
    counts("Patterns", "documents", report.whole().patterns());
    counts("Devices", "documents", report.whole().devices());
    counts("Failures by reason", "documents", report.whole().reasons());
    runs();
    return html.append("</body></html>\n").toString();
  }

  private void summary() {
    RunReport.Run run = report.run();
    RunReport.Whole whole = report.whole();
    html.append("<table>\n");
    row("output", report.output());
    row("model", report.model());
    row(
        "this run",
        format(
            "%,d documents, %,d failed; %,d tokens in %.1f s on %d cores: %,.0f tokens/s",
            run.documents(),
            run.failed(),
            run.tokensUsed(),
            run.seconds(),
            run.cores(),
            run.tokensUsed() / Math.max(1e-3, run.seconds())));
    if (run.doneBefore() > 0) {
      row("done before", format("%,d documents", run.doneBefore()));
    }
    row(
        "the whole output",
        format(
            "%,d documents in %,d vectors, %,d failed",
            whole.documents(), whole.vectors(), whole.failed()));
    row(
        "coverage",
        format(
            "%.2f %%: %,d tokens used of %,d",
            100 * whole.coverage(), whole.tokensUsed(), whole.tokens() + whole.failedTokens()));
    row("tokens predicted", format("%,d, counted %,d", run.predictedTokens(), run.tokens()));
    html.append("</table>\n");
  }

  private void throughput() {
    double[] seconds = report.throughput().seconds();
    long[] tokens = report.throughput().tokens();
    List<Chart.Point> points = new ArrayList<>();
    for (int i = 1; i < seconds.length; i++) {
      double time = seconds[i] - seconds[i - 1];
      if (time > 0) {
        points.add(new Chart.Point(seconds[i], (tokens[i] - tokens[i - 1]) / time, ""));
      }
    }
    heading("Throughput of this run");
    html.append(Chart.line(points, "seconds", "tokens/s"));
    note("Tokens per second, as executors report them with their heartbeats.");
  }

  private void time() {
    heading("Where the time of this run's cores went");
    List<Chart.Bar> bars = new ArrayList<>();
    html.append("<table><tr><th>part<th class='n'>seconds<th class='n'>share</tr>\n");
    report
        .phases()
        .forEach(
            (phase, seconds) -> {
              bars.add(new Chart.Bar(phase.label(), seconds));
              html.append(
                  format(
                      "<tr><td>%s<td class='n'>%.2f<td class='n'>%.1f %%</tr>%n",
                      phase.label(), seconds, 100 * report.share(phase)));
            });
    html.append("</table>\n").append(Chart.bars(bars, "part", "seconds"));
    note(
        format(
            "Of %.1f seconds of all cores from the start of the command; where shares are less than"
                + " the whole, cores had no task.",
            report.coreSeconds()));
  }

  private void tasks() {
    heading("Predicted cost and time of each task");
    List<Chart.Point> points = new ArrayList<>();
    for (TaskTiming task : report.tasks()) {
      points.add(
          new Chart.Point(
              report.predictedSeconds(task),
              task.seconds(),
              format(
                  "task %d on %s: %,d documents, %,d tokens, %.2f s",
                  task.task(), task.host(), task.documents(), task.tokens(), task.seconds())));
    }
    html.append(Chart.diagonal(points, "predicted seconds", "seconds"));
    note(
        format(
            "Predicted: the task's share of the planned floating-point operations, of the time of"
                + " all tasks. Slowest task over mean task: %.2f, as planned %.2f.",
            report.skew(), report.predictedSkew()));
  }

  private void lengths() {
    long[] lengths = report.whole().lengths();
    int first = 0;
    int last = lengths.length;
    while (first < last && lengths[first] == 0) {
      first++;
    }
    while (last > first && lengths[last - 1] == 0) {
      last--;
    }
    List<Chart.Bar> bars = new ArrayList<>();
    for (int i = first; i < last; i++) {
      bars.add(new Chart.Bar(Chart.number(Math.pow(2, i)), lengths[i]));
    }
    heading("Documents of the output by tokens");
    html.append(Chart.bars(bars, "tokens, from", "documents"));
  }

  private void counts(String title, String of, Map<String, Long> counts) {
    if (counts.isEmpty()) {
      return;
    }
    heading(title);
    html.append("<table><tr><th><th class='n'>").append(of).append("</tr>\n");
    counts.entrySet().stream()
        .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
        .forEach(
            count ->
                html.append(
                    format(
                        "<tr><td>%s<td class='n'>%,d</tr>%n",
                        Chart.escape(count.getKey()), count.getValue())));
    html.append("</table>\n");
    if (counts.size() > 1) {
      html.append(
          Chart.bars(
              counts.entrySet().stream()
                  .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
                  .limit(8)
                  .map(count -> new Chart.Bar(shortened(count.getKey()), count.getValue()))
                  .toList(),
              title.toLowerCase(Locale.ROOT),
              of));
    }
  }

  private static String shortened(String text) {
    return text.length() <= 14 ? text : text.substring(0, 13) + "…";
  }

  private void runs() {
    if (report.earlier().isEmpty()) {
      return;
    }
    heading("Runs into this output");
    html.append(
        "<table><tr><th>started<th class='n'>seconds<th class='n'>documents<th class='n'>failed"
            + "<th class='n'>tokens</tr>\n");
    List<RunReport.Run> runs = new ArrayList<>(report.earlier());
    runs.add(report.run());
    for (RunReport.Run run : runs) {
      html.append(
          format(
              "<tr><td>%s<td class='n'>%.1f<td class='n'>%,d<td class='n'>%,d<td class='n'>%,d"
                  + "</tr>%n",
              Chart.escape(run.started()),
              run.seconds(),
              run.documents(),
              run.failed(),
              run.tokensUsed()));
    }
    html.append("</table>\n");
    note(
        "A run that was killed leaves no report: its finished tasks are in the output all the same.");
  }

  private void heading(String title) {
    html.append("<h2>").append(Chart.escape(title)).append("</h2>\n");
  }

  private void note(String text) {
    html.append("<p class='note'>").append(Chart.escape(text)).append("</p>\n");
  }

  private void row(String name, String value) {
    html.append(format("<tr><th>%s<td>%s</tr>%n", Chart.escape(name), Chart.escape(value)));
  }

  private static String format(String pattern, Object... values) {
    return String.format(Locale.ROOT, pattern, values);
  }
}
