package io.longreach.job.drill;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What this machine gives two processes over one: two {@link BareEncoder}s, each alone and both at
 * once. They wait between readings and take no time from what runs then.
 */
final class BareEncoders implements AutoCloseable {
  private static final int READING_SECONDS = 10;
  private static final int LIMIT_SECONDS = 120;
  private static final Pattern SPEED = Pattern.compile("([\\d.]+) tokens/s");

  /**
   * Tokens per second.
   *
   * @param one of a process that is alone, the mean of both
   * @param two of both at once, their sum
   */
  record Reading(double one, double two) {
    Reading mean(Reading other) {
      return new Reading((one + other.one) / 2, (two + other.two) / 2);
    }
  }

  private final SparkProcess[] processes = new SparkProcess[2];
  private final int[] readings = new int[2];

  /** Starts them and warms them up. */
  BareEncoders(Path folder, Path corpus) throws IOException, InterruptedException {
    try {
      for (int i = 0; i < processes.length; i++) {
        processes[i] = start(folder, corpus, "bare-" + i);
      }
      read(0, 1);
    } catch (IOException | InterruptedException | RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  private static SparkProcess start(Path folder, Path corpus, String name) throws IOException {
    List<String> command = new ArrayList<>(List.of("-Xmx2g"));
    // How kernels are compiled: a cluster's executors have it from spark-defaults.conf.
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(option -> option.startsWith("-XX:"))
        .forEach(command::add);
    command.add(BareEncoder.class.getName());
    command.addAll(List.of(corpus.toString(), String.valueOf(READING_SECONDS)));
    return SparkProcess.start(
        folder, name, System.getProperty("java.class.path"), Map.of(), command);
  }

  /** Reads each alone, then both. */
  Reading read() throws IOException, InterruptedException {
    double alone = (read(0) + read(1)) / 2;
    return new Reading(alone, read(0, 1));
  }

  private double read(int... which) throws IOException, InterruptedException {
    for (int i : which) {
      processes[i].tell("start");
      readings[i]++;
    }
    double sum = 0;
    for (int i : which) {
      await(i, "tokens/s in reading ");
      sum += lastSpeed(processes[i].output());
    }
    for (int i : which) {
      processes[i].tell("stop");
      await(i, "end of reading ");
    }
    return sum;
  }

  private void await(int i, String text) throws IOException, InterruptedException {
    processes[i].await(text + readings[i] + System.lineSeparator(), LIMIT_SECONDS);
  }

  private static double lastSpeed(String output) {
    double last = Double.NaN;
    for (Matcher speed = SPEED.matcher(output); speed.find(); ) {
      last = Double.parseDouble(speed.group(1));
    }
    return last;
  }

  @Override
  public void close() {
    for (SparkProcess process : processes) {
      if (process != null) {
        process.close();
      }
    }
  }
}
