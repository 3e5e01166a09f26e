package io.longreach.kernels.cpu;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A main class of the tests, run in a JVM of its own with options of its own. */
public record OtherJvm(int status, String out, String err) {
  private static final int LIMIT_MINUTES = 3;

  static OtherJvm run(Class<?> main, List<String> options, String... arguments)
      throws IOException, InterruptedException {
    return run(main, options, Map.of(), arguments);
  }

  /** The same with more in its environment. */
  public static OtherJvm run(
      Class<?> main, List<String> options, Map<String, String> environment, String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(List.of(arguments));
    File out = File.createTempFile("longreach", ".out");
    File err = File.createTempFile("longreach", ".err");
    try {
      ProcessBuilder builder = new ProcessBuilder(command).redirectOutput(out).redirectError(err);
      builder.environment().putAll(environment);
      Process process = builder.start();
      if (!process.waitFor(LIMIT_MINUTES, TimeUnit.MINUTES)) {
        process.destroyForcibly().waitFor();
        throw new AssertionError("still running after " + LIMIT_MINUTES + " minutes: " + command);
      }
      return new OtherJvm(process.exitValue(), text(out), text(err));
    } finally {
      Files.delete(out.toPath());
      Files.delete(err.toPath());
    }
  }

  private static String text(File file) throws IOException {
    return Files.readString(file.toPath(), StandardCharsets.UTF_8);
  }
}
