package io.longreach.job.drill;

import java.time.Duration;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/** CPU time that the processes of a run have taken since its start, by what they are. */
final class CpuSeconds {

  /** What a process is. */
  enum Part {
    EXECUTORS,
    DRIVER,
    MASTER_AND_WORKERS;

    String label() {
      return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
  }

  private final Map<Long, Double> before = new HashMap<>();
  private final Map<Part, Map<Long, Double>> latest = new EnumMap<>(Part.class);

  /** Leaves out what these processes have taken before the run. */
  void begin(Stream<ProcessHandle> processes) {
    processes.forEach(process -> before.put(process.pid(), seconds(process)));
  }

  /** Reads processes that run; those that have ended stay with what was read last. */
  void read(Part part, Stream<ProcessHandle> processes) {
    processes.forEach(process -> note(part, process.pid(), seconds(process)));
  }

  void note(Part part, long pid, double seconds) {
    double own = seconds - before.getOrDefault(pid, 0.0);
    latest.computeIfAbsent(part, any -> new HashMap<>()).merge(pid, own, Math::max);
  }

  private static double seconds(ProcessHandle process) {
    return process.info().totalCpuDuration().map(Duration::toMillis).orElse(0L) / 1e3;
  }

  double of(Part part) {
    return latest.getOrDefault(part, Map.of()).values().stream()
        .mapToDouble(Double::doubleValue)
        .sum();
  }

  double total() {
    double total = 0;
    for (Part part : Part.values()) {
      total += of(part);
    }
    return total;
  }
}
