package io.longreach.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.longreach.job.report.Phase;
import io.longreach.job.report.ReportJson;
import io.longreach.job.report.TaskTiming;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The report that a run leaves, and the plan that it prints instead with {@code --dry-run}. */
class ReportTest {
  @TempDir Path folder;

  @Test
  void whatTheRunDidAndWhatTheOutputHolds() throws Exception {
    write("in/a.txt", "The first document says this and that.");
    write("in/b <&'\">.txt", "The second document says more. ".repeat(40));
    write("in/empty.txt", " ");
    CommandRun first = embed("--limit", "2", "--tasks", "2", "--max-tokens", "100");
    assertEquals(ExitStatus.DONE, first.status(), first.err());
    CommandRun second = embed("--max-tokens", "100");
    assertEquals(ExitStatus.DONE_WITH_FAILURES, second.status(), second.err());

    JsonNode report = json();
    JsonNode run = report.path("run");
    assertEquals(1, run.path("documents").asLong(), "this run had one left");
    assertEquals(1, run.path("failed").asLong());
    assertEquals(2, run.path("done_before").asLong());
    assertEquals(0, run.path("tokens_used").asLong());
    JsonNode whole = report.path("whole");
    assertEquals(2, whole.path("documents").asLong());
    assertEquals(1, whole.path("failed").asLong());
    long tokens = whole.path("tokens").asLong();
    long used = whole.path("tokens_used").asLong();
    assertTrue(used < tokens, used + " of " + tokens);
    assertEquals((double) used / tokens, whole.path("coverage").asDouble(), 1e-9);
    assertEquals(1, whole.path("failures").path("tokenize: text is empty").asLong());
    assertEquals(2, whole.path("patterns").path("dense").asLong());
    assertEquals(1, report.path("earlier_runs").size());
    JsonNode earlier = report.path("earlier_runs").get(0);
    assertEquals(2, earlier.path("documents").asLong());
    assertEquals(used, earlier.path("tokens_used").asLong(), "the first run embedded all there is");
    assertEquals(2, earlier.path("tasks").asLong());

    String page = Files.readString(folder.resolve("out/_report/report.html"));
    assertFalse(
        page.matches("(?s).*(https?:|src=|@import|<script|<link).*"), "nothing from outside");
    assertTrue(page.contains("<svg"), page);
    requireBalanced(page);
  }

  @Test
  void timesOfTasksAddUpAndPredictionsShareThem() throws Exception {
    for (int i = 0; i < 6; i++) {
      write("in/" + i + ".txt", "Many words make a longer document. ".repeat(20 * (i + 1)));
    }
    CommandRun run = embed("--tasks", "3");
    assertEquals(ExitStatus.DONE, run.status());
    JsonNode report = json();
    JsonNode cores = report.path("core_seconds");
    double all = cores.path("all").asDouble();
    double encoder = cores.path("linear").asDouble() + cores.path("attention").asDouble();
    assertEquals(encoder / all, report.path("encoder_share").asDouble(), 1e-9);
    assertTrue(cores.path("start").asDouble() > 0, "the model was opened");
    double ofPhases = 0;
    for (JsonNode phase : cores) {
      ofPhases += phase.asDouble();
    }
    assertTrue(ofPhases - all < all + 0.05, "no more than there is: " + cores);
    assertTrue(
        run.out().matches("(?s).*\ntime       \\d+.\\d % encoder, \\d+.\\d % start, .* rest\n.*"),
        run.out());
    assertEquals(3, report.path("tasks").size());
    double seconds = 0;
    double predicted = 0;
    long documents = 0;
    for (JsonNode task : report.path("tasks")) {
      double parts = 0;
      for (JsonNode part : task.path("task_seconds")) {
        assertTrue(part.asDouble() >= 0, task.toString());
        parts += part.asDouble();
      }
      assertEquals(task.path("seconds").asDouble(), parts, 0.05, task.toString());
      assertTrue(task.path("task_seconds").path("linear").asDouble() > 0, task.toString());
      assertTrue(task.path("task_seconds").path("attention").asDouble() > 0, task.toString());
      seconds += task.path("seconds").asDouble();
      predicted += task.path("predicted_seconds").asDouble();
      documents += task.path("documents").asLong();
    }
    assertEquals(6, documents);
    assertEquals(seconds, predicted, 1e-6);
    List<TaskTiming> tasks =
        ReportJson.tasks(Files.readAllBytes(folder.resolve("out/_report/report.json")));
    assertEquals(3, tasks.size());
    for (int i = 0; i < tasks.size(); i++) {
      TaskTiming task = tasks.get(i);
      JsonNode written = report.path("tasks").get(i);
      assertEquals("driver", task.executor(), "local tasks run there");
      assertEquals(written.path("start").asDouble(), task.startSeconds());
      assertEquals(written.path("seconds").asDouble(), task.seconds());
      assertEquals(written.path("tokens_used").asLong(), task.tokens());
      assertEquals(
          written.path("task_seconds").path("linear").asDouble(), task.parts().get(Phase.LINEAR));
    }
    assertTrue(report.path("skew").asDouble() >= 1);
    assertTrue(
        report.path("predicted_skew").asDouble() < 1.2, report.path("predicted_skew").asText());
    JsonNode points = report.path("throughput");
    assertEquals(
        report.path("run").path("tokens_used").asLong(),
        points.get(points.size() - 1).path("tokens").asLong());
    assertEquals(
        6,
        report.path("whole").path("lengths").findValues("documents").stream()
            .mapToLong(JsonNode::asLong)
            .sum());
  }

  @Test
  void aDryRunSaysWhatWouldBeAndWritesNothing() throws IOException {
    write("in/a.txt", "The first document says this and that.");
    write("in/b.txt", "The second document says more. ".repeat(200));
    CommandRun run = embed("--dry-run", "--count-tokens", "exact");
    assertEquals(ExitStatus.DONE, run.status(), run.err());
    assertTrue(run.out().contains("documents  2 to embed, 0 done already"), run.out());
    assertTrue(
        run.out().contains("tokens     1,212 in 6,238 bytes, 1,202 in the longest"), run.out());
    assertTrue(run.out().contains("pattern    window(256) for the longest"), run.out());
    assertTrue(run.out().matches("(?s).*work       \\d\\.\\d\\de\\+\\d\\d FLOPs\n.*"), run.out());
    assertTrue(run.out().matches("(?s).*tasks      2 on 2 cores, the heaviest .*"), run.out());
    assertTrue(
        run.out().matches("(?s).*time       about \\d+ s, at .* GFLOP/s a core.*"), run.out());
    assertTrue(run.out().matches("(?s).*memory     \\d+ MiB for the states.*"), run.out());
    assertTrue(run.out().endsWith("output     nothing was written\n"), run.out());
    assertFalse(Files.exists(folder.resolve("out")), "nothing was written");
    assertEquals(ExitStatus.USAGE, embed("--count-tokens", "roughly").status());
  }

  private JsonNode json() throws IOException {
    return new ObjectMapper().readTree(folder.resolve("out/_report/report.json").toFile());
  }

  /** SVG inside HTML must close what it opens; texts are escaped. */
  private static void requireBalanced(String page) throws Exception {
    assertFalse(page.contains("b <&"), "texts are escaped");
    for (String svg : page.split("<svg", -1)) {
      if (svg.contains("</svg>")) {
        String one = "<svg" + svg.substring(0, svg.indexOf("</svg>") + 6);
        javax.xml.parsers.DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(new org.xml.sax.InputSource(new StringReader(one)));
      }
    }
  }

  private CommandRun embed(String... options) {
    return CommandRun.of(
        java.util.stream.Stream.concat(
                java.util.stream.Stream.of(
                    "embed",
                    folder.resolve("in").toString(),
                    "-o",
                    folder.resolve("out").toString()),
                java.util.stream.Stream.of(options))
            .toArray(String[]::new));
  }

  private void write(String name, String text) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }
}
