package io.longreach.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import jcuda.nvptxcompiler.JNvPTXCompiler;
import jcuda.nvptxcompiler.nvPTXCompilerHandle;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The PTX that is shipped is that of the sources, and becomes machine code of every target. */
class PtxTest {
  private static final Path SOURCES = Path.of("src/main/cuda");
  private static final Path SHIPPED = Path.of("src/main/resources/io/longreach/kernels/cuda/ptx");
  private static final String REMEDY =
      "run kernels/src/main/cuda/ptx.sh, which needs nvcc, and commit what it writes";

  @BeforeAll
  static void load() throws IOException {
    if (System.getProperty("os.name").equals("Linux")
        && System.getProperty("os.arch").equals("amd64")) {
      JcudaNatives.load(() -> JNvPTXCompiler.setExceptionsEnabled(false));
    }
  }

  private static String sum(Path file) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file));
      return HexFormat.of().formatHex(digest);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void thePtxIsOfTheSources() throws IOException {
    Map<String, String> expected = new TreeMap<>();
    for (Path folder : new Path[] {SOURCES, SHIPPED}) {
      try (Stream<Path> files = Files.list(folder)) {
        files
            .filter(file -> file.toString().matches(".*\\.(cu|cuh|ptx)|.*ptx\\.sh"))
            .forEach(file -> expected.put(file.getFileName().toString(), sum(file)));
      }
    }
    Map<String, String> recorded =
        Files.readAllLines(SHIPPED.resolve("SHA256SUMS")).stream()
            .map(line -> line.split(" {2}"))
            .collect(Collectors.toMap(line -> line[1], line -> line[0], (a, b) -> a, TreeMap::new));
    assertEquals(expected, recorded, "the PTX is stale: " + REMEDY);
  }

  @Test
  void nvccMakesTheSame(@TempDir Path folder) throws Exception {
    Assumptions.assumeTrue(version("nvcc --version") != null, "no nvcc");
    String shipped = Files.readString(SHIPPED.resolve("rows.ptx"));
    String version = version("nvcc --version");
    Assumptions.assumeTrue(shipped.contains(version), "another nvcc than made the PTX: " + version);
    int status =
        new ProcessBuilder("bash", SOURCES.resolve("ptx.sh").toString(), folder.toString())
            .inheritIO()
            .start()
            .waitFor();
    assertEquals(0, status);
    for (String file : PtxModules.files()) {
      assertEquals(
          Files.readString(folder.resolve(file)), PtxModules.text(file), file + ": " + REMEDY);
    }
  }

  /** For example {@code release 13.0, V13.0.88}. */
  private static String version(String command) throws Exception {
    try {
      Process process = new ProcessBuilder(command.split(" ")).start();
      String out = new String(process.getInputStream().readAllBytes());
      return out.lines()
          .filter(line -> line.contains("release "))
          .map(line -> line.substring(line.indexOf("release ")))
          .findFirst()
          .orElse(null);
    } catch (IOException e) {
      return null;
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"sm_80", "sm_86", "sm_89", "sm_90", "sm_90a"})
  void everyKernelBecomesMachineCode(String target) {
    Assumptions.assumeTrue(
        System.getProperty("os.arch").equals("amd64"), "the assembler is for x86_64");
    for (String file : PtxModules.files()) {
      if (PtxModules.isForHopper(file) != target.equals("sm_90a")) {
        continue;
      }
      String ptx = PtxModules.text(file);
      nvPTXCompilerHandle compiler = new nvPTXCompilerHandle();
      assertEquals(
          0,
          JNvPTXCompiler.nvPTXCompilerCreate(
              compiler, ptx.length(), ptx.getBytes(StandardCharsets.US_ASCII)));
      String[] options = {"--gpu-name=" + target};
      int result = JNvPTXCompiler.nvPTXCompilerCompile(compiler, options.length, options);
      assertEquals(0, result, () -> file + " for " + target + ": " + log(compiler));
      long[] bytes = new long[1];
      JNvPTXCompiler.nvPTXCompilerGetCompiledProgramSize(compiler, bytes);
      assertTrue(bytes[0] > 0, file);
      JNvPTXCompiler.nvPTXCompilerDestroy(compiler);
    }
  }

  private static String log(nvPTXCompilerHandle compiler) {
    long[] bytes = new long[1];
    JNvPTXCompiler.nvPTXCompilerGetErrorLogSize(compiler, bytes);
    byte[] log = new byte[(int) bytes[0] + 1];
    JNvPTXCompiler.nvPTXCompilerGetErrorLog(compiler, log);
    return new String(log).trim();
  }
}
