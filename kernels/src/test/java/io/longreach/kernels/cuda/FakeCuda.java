package io.longreach.kernels.cuda;

import io.longreach.kernels.cpu.OtherJvm;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;

/**
 * A {@code libcuda.so.1} without a GPU, made of {@code src/test/cuda/fakeCuda.cpp} and the kernels,
 * and JVMs that find it: JCuda and all that is built on it run as they would with a GPU.
 */
final class FakeCuda {
  private static final Path SOURCES = Path.of("src/main/cuda");
  private static final Path FAKE = Path.of("src/test/cuda/fakeCuda.cpp");

  private final Path folder;

  private FakeCuda(Path folder) {
    this.folder = folder;
  }

  /** Compiles it; without a compiler the test is skipped. */
  static FakeCuda compile(Path folder) throws IOException, InterruptedException {
    Assumptions.assumeTrue(HostDriver.available(), "no g++: the fake driver cannot be compiled");
    Assumptions.assumeTrue(
        System.getProperty("os.name").equals("Linux")
            && System.getProperty("os.arch").equals("amd64"),
        "JCuda has natives for Linux on x86_64 only");
    Path log = folder.resolve("compile.txt");
    int status =
        new ProcessBuilder(
                "g++",
                "-std=c++17",
                "-O2",
                "-w",
                "-shared",
                "-fPIC",
                "-I" + SOURCES,
                FAKE.toString(),
                "-o",
                folder.resolve("libcuda.so.1").toString())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start()
            .waitFor();
    if (status != 0) {
      throw new AssertionError("g++ cannot compile the fake driver:\n" + Files.readString(log));
    }
    return new FakeCuda(folder);
  }

  /** A main class in a JVM with this driver. */
  OtherJvm run(Class<?> main, Map<String, String> settings, String... arguments)
      throws IOException, InterruptedException {
    Map<String, String> environment = new HashMap<>(settings);
    environment.put("LD_LIBRARY_PATH", folder.toString());
    return OtherJvm.run(main, options(folder), environment, arguments);
  }

  /** A main class in a JVM without any driver. */
  static OtherJvm runWithout(Class<?> main, Path folder, String... arguments)
      throws IOException, InterruptedException {
    Map<String, String> environment = Map.of("LD_LIBRARY_PATH", "");
    return OtherJvm.run(main, options(folder), environment, arguments);
  }

  private static List<String> options(Path folder) throws IOException {
    Path temporary = Files.createDirectories(folder.resolve("tmp"));
    return List.of(
        "--add-modules=jdk.incubator.vector",
        "-Dlongreach.gpu=required",
        "-Xmx512m",
        "-Djava.io.tmpdir=" + temporary);
  }

  /** What JVMs of this driver have left in their temporary folder. */
  List<String> leftBehind() throws IOException {
    List<String> names = new ArrayList<>();
    try (Stream<Path> files = Files.walk(folder.resolve("tmp"))) {
      files.skip(1).forEach(file -> names.add(file.getFileName().toString()));
    }
    return names;
  }

  /** Runs the test classes named; the status is 1 if one fails, is skipped, or none runs. */
  static final class Tests {
    private Tests() {}

    public static void main(String[] classes) {
      LauncherDiscoveryRequest request =
          LauncherDiscoveryRequestBuilder.request()
              .selectors(Stream.of(classes).map(DiscoverySelectors::selectClass).toList())
              .build();
      SummaryGeneratingListener listener = new SummaryGeneratingListener();
      LauncherFactory.create().execute(request, listener);
      listener.getSummary().printFailuresTo(new PrintWriter(System.out, true));
      long started = listener.getSummary().getTestsStartedCount();
      long passed = listener.getSummary().getTestsSucceededCount();
      System.out.println(passed + " of " + listener.getSummary().getTestsFoundCount() + " passed");
      boolean good =
          started > 0
              && passed == listener.getSummary().getTestsFoundCount()
              && listener.getSummary().getTotalFailureCount() == 0;
      System.exit(good ? 0 : 1);
    }
  }
}
