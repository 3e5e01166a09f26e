package io.longreach.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longreach.kernels.cpu.OtherJvm;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * JCuda and the GPU driver over a {@code libcuda.so.1} that has no GPU: what a machine may say, and
 * that the calls are right and in order. Of a GPU's arithmetic and speed it shows nothing.
 */
class FakeGpuTest {
  @TempDir static Path folder;
  private static FakeCuda fake;

  @BeforeAll
  static void compile() throws Exception {
    fake = FakeCuda.compile(folder);
  }

  /** Prints what is found, and what opening the addresses gives. */
  static final class Probe {
    private Probe() {}

    public static void main(String[] addresses) {
      Gpus.Found found = Gpus.find();
      found.gpus().forEach(gpu -> System.out.printf("%s: %.0e%n", gpu.name(), gpu.tensorFlops()));
      System.out.println("problem: " + found.problem());
      for (String address : addresses) {
        try (GpuDriver driver = GpuDriver.open(Gpus.at(address))) {
          System.out.println("opened " + driver.name());
        } catch (CudaException e) {
          System.out.println("refused: " + e.getMessage());
        }
      }
    }
  }

  /** What kernels compute is tested on the host; here, that JCuda brings to each what it takes. */
  @ParameterizedTest
  @CsvSource({"80, Hopper", "90, Tensor"})
  void everyKernelIsLaunchedInOrderAndNothingIsLeft(String capability, String others)
      throws Exception {
    Path log = folder.resolve("log" + capability + ".txt");
    OtherJvm jvm =
        fake.run(
            FakeCuda.Tests.class,
            Map.of(
                "FAKE_CUDA_LOG",
                log.toString(),
                "FAKE_CUDA_CAPABILITY",
                capability,
                "FAKE_CUDA_MULTIPROCESSORS",
                "1"),
            GpuDriverTest.class.getName(),
            GpuPassTest.class.getName());
    assertEquals(0, jvm.status(), jvm.out() + jvm.err());
    List<String> lines = Files.readAllLines(log);
    Set<String> launched = new TreeSet<>();
    lines.stream()
        .filter(line -> line.startsWith("launched "))
        .forEach(line -> launched.add(line.substring("launched ".length())));
    Set<String> expected = kernels();
    expected.removeIf(kernel -> kernel.contains(others));
    assertEquals(expected, launched);
    assertEquals(
        "released GPU 0: 0 contexts, 0 bytes, 0 host buffers, 0 streams",
        lines.get(lines.size() - 1));
    assertTrue(fake.leftBehind().stream().noneMatch(file -> file.contains("JCuda")));
  }

  private static Set<String> kernels() {
    Pattern entry = Pattern.compile("\\.entry (\\w+)");
    Set<String> names = new TreeSet<>();
    for (String file : PtxModules.files()) {
      entry.matcher(PtxModules.text(file)).results().forEach(found -> names.add(found.group(1)));
    }
    return names;
  }

  @Test
  void copiesThatHurryChangeNothing() throws Exception {
    OtherJvm jvm =
        fake.run(
            FakeCuda.Tests.class, Map.of("FAKE_CUDA_EAGER", "1"), GpuDriverTest.class.getName());
    assertEquals(0, jvm.status(), jvm.out() + jvm.err());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "FAKE_CUDA_DEVICES | 0 | there is an NVIDIA driver but no GPU",
        "FAKE_CUDA_VERSION | 11000 | is for CUDA 11.0, 11.1 or newer is needed: update the driver",
        "FAKE_CUDA_INIT | 803 | does not start (CUDA_ERROR_SYSTEM_DRIVER_MISMATCH)",
        "FAKE_CUDA_PTX | 222 | is too old for these kernels, update it",
        "FAKE_CUDA_CAPABILITY | 75 | has compute capability 7.5, 8.0 or newer is needed"
      })
  void whatIsWrongIsSaidWithItsRemedy(String setting, String value, String message)
      throws Exception {
    OtherJvm jvm = fake.run(Probe.class, Map.of(setting, value), "0");
    assertTrue(jvm.out().contains("refused: "), jvm.out() + jvm.err());
    assertTrue(jvm.out().contains(message), jvm.out());
  }

  @Test
  void withoutADriverTheProbeSaysSo() throws Exception {
    OtherJvm jvm = FakeCuda.runWithout(Probe.class, folder, "");
    assertTrue(
        jvm.out()
            .contains(
                "refused: there is no NVIDIA driver (libcuda.so.1): install it, or use device=cpu"),
        jvm.out() + jvm.err());
  }

  @Test
  void addressesCountAlongTheBus() throws Exception {
    OtherJvm jvm =
        fake.run(
            Probe.class,
            Map.of("FAKE_CUDA_DEVICES", "2"),
            "0",
            "GPU-10101010-1010-1010-1010-101010101010",
            "2");
    assertEquals(
        List.of("opened cuda:0 Fake GPU B", "opened cuda:1 Fake GPU A"),
        jvm.out().lines().filter(line -> line.startsWith("opened")).toList(),
        jvm.out() + jvm.err());
    assertTrue(jvm.out().contains("Fake GPU B: 3e+14"), "that of an A100: " + jvm.out());
    assertTrue(
        jvm.out().contains("there is no GPU '2': those visible are 0 (Fake GPU B), 1 (Fake GPU A)"),
        jvm.out());
  }
}
