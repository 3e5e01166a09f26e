package io.longreach.job.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** A report as JSON: names with underscores, times in seconds. */
public final class ReportJson {
  private static final ObjectMapper MAPPER =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private ReportJson() {}

  /** UTF-8. */
  public static byte[] bytes(RunReport report) {
    ObjectNode json = MAPPER.createObjectNode();
    json.put("input", report.input()).put("output", report.output()).put("model", report.model());
    json.set("run", run(report.run()));
    json.put("skew", report.skew()).put("predicted_skew", report.predictedSkew());
    json.set("whole", whole(report.whole()));
    json.put("encoder_share", report.encoderShare());
    ObjectNode time = json.putObject("core_seconds").put("all", report.coreSeconds());
    report.phases().forEach((phase, seconds) -> time.put(phase.label(), seconds));
    ArrayNode tasks = json.putArray("tasks");
    report.tasks().forEach(task -> tasks.add(task(report, task)));
    ArrayNode points = json.putArray("throughput");
    for (int i = 0; i < report.throughput().seconds().length; i++) {
      points
          .addObject()
          .put("seconds", report.throughput().seconds()[i])
          .put("tokens", report.throughput().tokens()[i]);
    }
    ArrayNode earlier = json.putArray("earlier_runs");
    report.earlier().forEach(run -> earlier.add(run(run)));
    return (json.toPrettyString() + "\n").getBytes(StandardCharsets.UTF_8);
  }

  /**
   * The runs that a report tells of, the last one last; none where it is no report of ours. Throws
   * if it is torn.
   */
  public static List<RunReport.Run> runs(byte[] json) throws IOException {
    JsonNode report = MAPPER.readTree(json);
    List<RunReport.Run> runs = new ArrayList<>();
    for (JsonNode run : report.path("earlier_runs")) {
      runs.add(run(run));
    }
    if (report.has("run")) {
      runs.add(run(report.path("run")));
    }
    return runs;
  }

  /** The tasks that a report tells of, in the order of their ends. Throws if it is torn. */
  public static List<TaskTiming> tasks(byte[] json) throws IOException {
    List<TaskTiming> tasks = new ArrayList<>();
    for (JsonNode task : MAPPER.readTree(json).path("tasks")) {
      tasks.add(task(task));
    }
    return tasks;
  }

  private static ObjectNode run(RunReport.Run run) {
    return MAPPER
        .createObjectNode()
        .put("started", run.started())
        .put("seconds", run.seconds())
        .put("cores", run.cores())
        .put("tasks", run.taskCount())
        .put("documents", run.documents())
        .put("failed", run.failed())
        .put("tokens", run.tokens())
        .put("tokens_used", run.tokensUsed())
        .put("bytes", run.bytes())
        .put("tokens_per_second", run.tokensUsed() / Math.max(1e-3, run.seconds()))
        .put("done_before", run.doneBefore())
        .put("predicted_tokens", run.predictedTokens())
        .put("lost_attempts", run.lostAttempts());
  }

  private static RunReport.Run run(JsonNode run) {
    return new RunReport.Run(
        run.path("started").asText(),
        run.path("seconds").asDouble(),
        run.path("cores").asInt(),
        run.path("tasks").asInt(),
        run.path("documents").asLong(),
        run.path("failed").asLong(),
        run.path("tokens").asLong(),
        run.path("tokens_used").asLong(),
        run.path("bytes").asLong(),
        run.path("done_before").asLong(),
        run.path("predicted_tokens").asLong(),
        run.path("lost_attempts").asInt());
  }

  private static ObjectNode whole(RunReport.Whole whole) {
    ObjectNode json =
        MAPPER
            .createObjectNode()
            .put("documents", whole.documents())
            .put("vectors", whole.vectors())
            .put("failed", whole.failed())
            .put("tokens", whole.tokens())
            .put("tokens_used", whole.tokensUsed())
            .put("failed_tokens", whole.failedTokens())
            .put("coverage", whole.coverage());
    ArrayNode lengths = json.putArray("lengths");
    for (int i = 0; i < whole.lengths().length; i++) {
      if (whole.lengths()[i] > 0) {
        lengths
            .addObject()
            .put("from_tokens", 1L << i)
            .put("below_tokens", 2L << i)
            .put("documents", whole.lengths()[i]);
      }
    }
    counts(json.putObject("patterns"), whole.patterns());
    counts(json.putObject("devices"), whole.devices());
    counts(json.putObject("failures"), whole.reasons());
    return json;
  }

  private static void counts(ObjectNode json, Map<String, Long> counts) {
    counts.forEach(json::put);
  }

  private static ObjectNode task(RunReport report, TaskTiming task) {
    ObjectNode json =
        MAPPER
            .createObjectNode()
            .put("task", task.task())
            .put("executor", task.executor())
            .put("host", task.host())
            .put("start", task.startSeconds())
            .put("seconds", task.seconds())
            .put("predicted_seconds", report.predictedSeconds(task))
            .put("predicted_flops", report.taskCosts()[task.task()])
            .put("documents", task.documents())
            .put("failures", task.failures())
            .put("tokens_used", task.tokens());
    ObjectNode parts = json.putObject("task_seconds");
    task.parts().forEach((phase, seconds) -> parts.put(phase.label(), seconds));
    return json;
  }

  private static TaskTiming task(JsonNode task) {
    Map<Phase, Double> parts = new EnumMap<>(Phase.class);
    for (Phase phase : Phase.values()) {
      if (task.path("task_seconds").has(phase.label())) {
        parts.put(phase, task.path("task_seconds").path(phase.label()).asDouble());
      }
    }
    return new TaskTiming(
        task.path("task").asInt(),
        task.path("executor").asText(),
        task.path("host").asText(),
        task.path("start").asDouble(),
        task.path("seconds").asDouble(),
        task.path("documents").asLong(),
        task.path("failures").asLong(),
        task.path("tokens_used").asLong(),
        parts);
  }
}
