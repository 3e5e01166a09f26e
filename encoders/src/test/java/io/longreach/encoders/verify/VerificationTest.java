package io.longreach.encoders.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longreach.kernels.cpu.CpuDevice;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VerificationTest {
  private static final Path ATTENTION = Path.of("src/test/resources/golden/attention");

  @Test
  void referencePassesAllAttentionCases() {
    List<CaseResult> results = Verification.onReference().run(ATTENTION, result -> {});
    assertEquals(48, results.size(), "cases");
    for (CaseResult result : results) {
      assertTrue(result.passed(), result.toString());
    }
  }

  @Test
  void cpuPassesAllAttentionCases() {
    Verification verification = Verification.onReference().with(CpuDevice.create(2));
    for (CaseResult result : verification.run(ATTENTION, result -> {})) {
      assertTrue(result.passed(), result.toString());
    }
  }

  @Test
  void wrongOutputsFail(@TempDir Path directory) throws IOException {
    copy("window-n64", directory);
    Path file = directory.resolve("window-n64/case.safetensors");
    byte[] bytes = Files.readAllBytes(file);
    int length = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt();
    String header = new String(bytes, 8, length, StandardCharsets.ISO_8859_1);
    int start = header.indexOf("data_offsets", header.indexOf("in.v"));
    int first =
        Integer.parseInt(
            header.substring(header.indexOf('[', start) + 1).split("[,\\]]")[0].trim());
    bytes[8 + length + first + 2] ^= 0x40;
    Files.write(file, bytes);
    CaseResult result = Verification.onReference().run(directory, r -> {}).get(0);
    assertFalse(result.passed(), "a value was changed: " + result);
    assertTrue(result.maxAbsError() > 1e-6, result.toString());
  }

  @Test
  void whatCannotBeReadFails(@TempDir Path directory) throws IOException {
    copy("window-n7", directory);
    copy("dense-n7", directory);
    copy("causal-n1", directory);
    Path cut = directory.resolve("window-n7/case.safetensors");
    byte[] bytes = Files.readAllBytes(cut);
    Files.write(cut, Arrays.copyOf(bytes, bytes.length - 1));
    Files.delete(directory.resolve("dense-n7/config.json"));
    Files.writeString(directory.resolve("causal-n1/config.json"), "{\"pattern\": \"spiral\"}");
    List<CaseResult> results = Verification.onReference().run(directory, result -> {});
    assertEquals(3, results.size());
    assertTrue(results.get(0).problem().contains("was spiral"), results.get(0).toString());
    assertTrue(results.get(1).problem().contains("config.json"), results.get(1).toString());
    assertTrue(results.get(2).problem().contains("must lie within"), results.get(2).toString());
    results.forEach(result -> assertFalse(result.passed(), result.toString()));
  }

  @Test
  void findingNoCaseFails(@TempDir Path directory) {
    List<CaseResult> empty = Verification.onReference().run(directory, result -> {});
    assertEquals(1, empty.size());
    assertFalse(empty.get(0).passed(), "nothing was verified");
    Path missing = directory.resolve("nowhere");
    assertFalse(Verification.onReference().run(missing, result -> {}).get(0).passed());
  }

  private static void copy(String name, Path directory) throws IOException {
    Path to = Files.createDirectory(directory.resolve(name));
    for (String file : List.of("config.json", "case.safetensors")) {
      Path from = ATTENTION.resolve(name).resolve(file);
      Files.copy(from, to.resolve(file), StandardCopyOption.REPLACE_EXISTING);
    }
  }
}
