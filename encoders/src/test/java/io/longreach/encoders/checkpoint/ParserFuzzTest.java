package io.longreach.encoders.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.longreach.encoders.family.Family;
import io.longreach.encoders.family.Reading;
import io.longreach.encoders.onnx.OnnxWeights;
import io.longreach.kernels.cpu.CpuDevice;
import io.longreach.kernels.device.Device;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Broken files of every kind: the documented exception, in one line, and nothing else. */
class ParserFuzzTest {
  private static final int CASES = 4000;
  private static final String WEIGHTS = "model.safetensors";

  @Test
  void randomBytes() {
    Random random = new Random(1);
    for (int i = 0; i < CASES; i++) {
      byte[] bytes = new byte[random.nextInt(200)];
      random.nextBytes(bytes);
      if (bytes.length > 8 && random.nextBoolean()) {
        // A header's length that fits, so that what follows is looked at.
        Arrays.fill(bytes, 0, 8, (byte) 0);
        bytes[0] = (byte) random.nextInt(bytes.length - 7);
      }
      readAll(Map.of(WEIGHTS, bytes));
    }
  }

  @Test
  void mutatedTensors() {
    byte[] valid =
        new SafetensorsBytes()
            .add("embeddings.weight", "F32", new int[] {3, 2}, new float[6])
            .add("encoder.layer.0.bias", "F16", new int[] {4}, new float[4])
            .add("pooler", "BF16", new int[] {1, 1, 2}, new float[2])
            .bytes();
    Random random = new Random(2);
    int read = 0;
    for (int i = 0; i < CASES; i++) {
      read += readAll(Map.of(WEIGHTS, mutated(valid, random))) ? 1 : 0;
    }
    assertTrue(read > CASES / 100, "some stay valid, and are read: " + read);
    assertTrue(read < CASES / 2, "most do not: " + read);
  }

  @Test
  void mutatedIndexes() {
    Map<String, byte[]> files = new HashMap<>();
    byte[] shard = new SafetensorsBytes().add("a", "F32", new int[] {1}, new float[1]).bytes();
    files.put("s-1.safetensors", shard);
    byte[] index =
        "{\"metadata\":{\"total_size\":4},\"weight_map\":{\"a\":\"s-1.safetensors\"}}"
            .getBytes(StandardCharsets.UTF_8);
    Random random = new Random(3);
    for (int i = 0; i < CASES; i++) {
      files.put("model.safetensors.index.json", mutated(index, random));
      readAll(files);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "config.json",
        "modules.json",
        "1_Pooling/config.json",
        "sentence_bert_config.json",
        "config_sentence_transformers.json",
        "tokenizer_config.json",
        "vocab.json",
        "vocab.txt",
        "merges.txt"
      })
  void mutatedSettings(String file) {
    Map<String, byte[]> valid = settings();
    if (file.equals("vocab.json") || file.equals("merges.txt")) {
      valid.remove("vocab.txt");
    }
    Map<String, byte[]> files = new HashMap<>(valid);
    Random random = new Random(file.hashCode());
    for (int i = 0; i < CASES / 8; i++) {
      files.put(file, mutated(valid.get(file), random));
      onlyTheDocumented(
          () -> {
            Checkpoint checkpoint = Checkpoint.open(new MemoryFolder(files));
            checkpoint.tokenizerJson();
            checkpoint.sentence();
          });
    }
  }

  private static Map<String, byte[]> settings() {
    Map<String, String> files = new HashMap<>();
    files.put("config.json", "{\"model_type\":\"bert\",\"hidden_size\":4}");
    files.put(
        "modules.json",
        "[{\"path\":\"\",\"type\":\"sentence_transformers.models.Transformer\"},"
            + "{\"path\":\"1_Pooling\",\"type\":\"sentence_transformers.models.Pooling\"}]");
    files.put("1_Pooling/config.json", "{\"pooling_mode_mean_tokens\":true}");
    files.put("sentence_bert_config.json", "{\"max_seq_length\":512,\"do_lower_case\":false}");
    files.put(
        "config_sentence_transformers.json",
        "{\"prompts\":{\"query\":\"query: \"},\"default_prompt_name\":\"query\"}");
    files.put(
        "tokenizer_config.json", "{\"do_lower_case\":true,\"cls_token\":{\"content\":\"a\"}}");
    files.put("vocab.txt", "[PAD]\n[UNK]\na\n[SEP]\n[CLS]\nb\n##c\n");
    files.put("vocab.json", "{\"a\":0,\"<s>\":1,\"</s>\":2,\"ab\":3}");
    files.put("merges.txt", "#version: 0.2\na b\n");
    Map<String, byte[]> bytes = new HashMap<>();
    files.forEach((name, text) -> bytes.put(name, text.getBytes(StandardCharsets.UTF_8)));
    return bytes;
  }

  static Stream<Path> families() throws IOException, URISyntaxException {
    Path golden = Path.of(ParserFuzzTest.class.getResource("/golden").toURI());
    List<Path> first = new ArrayList<>();
    try (Stream<Path> families = Files.list(golden)) {
      for (Path family : families.sorted().toList()) {
        try (Stream<Path> cases = Files.list(family)) {
          cases
              .sorted()
              .filter(c -> Files.exists(c.resolve(WEIGHTS)))
              .findFirst()
              .ifPresent(first::add);
        }
      }
    }
    assertTrue(first.size() >= 4, "families with weights: " + first);
    return first.stream();
  }

  /** Settings that lie about the weights, and settings that make no sense. */
  @ParameterizedTest
  @MethodSource("families")
  void lyingConfigurations(Path folder) throws IOException {
    ObjectMapper mapper = new ObjectMapper();
    JsonNode valid = mapper.readTree(folder.resolve("config.json").toFile());
    if (!valid.has("model_type")) {
      return;
    }
    Safetensors tensors = Safetensors.open(LocalFolder.of(folder), WEIGHTS);
    List<String> names = new ArrayList<>();
    valid.fieldNames().forEachRemaining(names::add);
    String[] lies = {
      "0", "-1", "1", "3", "7", "64", "100000", "268435456", "2147483647", "4294967296", "1e300",
      "0.5", "-0.5", "\"\"", "\"gelu\"", "\"abc\"", "true", "false", "null", "[]", "[0]", "[-1]",
      "[7, 3, 1000000000]", "[\"lsh\", \"x\"]", "{}", "{\"a\": 1}"
    };
    try (Device device = CpuDevice.create(1)) {
      for (String name : names) {
        for (String lie : lies) {
          ObjectNode config = valid.deepCopy();
          config.set(name, mapper.readTree(lie));
          try {
            Family.of(config).load(config, tensors, device, Reading.published());
          } catch (IllegalArgumentException e) {
            assertEquals(1, e.getMessage().lines().count(), "one line: " + e.getMessage());
          } catch (RuntimeException | OutOfMemoryError e) {
            fail(folder.getFileName() + ": " + name + " = " + lie + ": " + e, e);
          }
        }
      }
    }
  }

  @Test
  void mutatedOnnx() {
    byte[] valid = OnnxBytes.linearLayer();
    Random random = new Random(5);
    int read = 0;
    for (int i = 0; i < CASES; i++) {
      byte[] file = i == 0 ? valid : mutated(valid, random);
      try {
        OnnxWeights weights = OnnxWeights.read(new ByteArrayInputStream(file));
        if (weights.has("dense.weight")) {
          weights.shape("dense.weight");
          weights.read("dense.weight");
          read++;
        }
      } catch (IOException e) {
        // As documented.
      }
    }
    assertTrue(read > 0 && read < CASES, "both kinds: " + read);
  }

  /** Whether it could be read. */
  private static boolean readAll(Map<String, byte[]> files) {
    Map<String, byte[]> all = new HashMap<>(files);
    all.put("config.json", "{}".getBytes(StandardCharsets.UTF_8));
    return onlyTheDocumented(
        () -> {
          var tensors = Checkpoint.open(new MemoryFolder(all)).tensors();
          for (String name :
              tensors instanceof Safetensors one ? one.names() : List.<String>of("a")) {
            tensors.read(name);
          }
        });
  }

  private static boolean onlyTheDocumented(Runnable parser) {
    try {
      parser.run();
      return true;
    } catch (CheckpointException e) {
      assertEquals(1, e.getMessage().lines().count(), "one line: " + e.getMessage());
      assertTrue(e.getMessage().contains(":"), "with a remedy: " + e.getMessage());
      return false;
    }
  }

  /** Flips, overwrites, cuts, doubles and drops bytes, digits rather more often. */
  private static byte[] mutated(byte[] valid, Random random) {
    byte[] bytes = valid.clone();
    for (int changes = 1 + random.nextInt(3); changes > 0 && bytes.length > 0; changes--) {
      int at = random.nextInt(bytes.length);
      switch (random.nextInt(6)) {
        case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> bytes[at] = (byte) random.nextInt(256);
        case 2 -> bytes = Arrays.copyOf(bytes, at);
        case 3 -> {
          byte[] longer = Arrays.copyOf(bytes, bytes.length + 1);
          System.arraycopy(bytes, at, longer, at + 1, bytes.length - at);
          bytes = longer;
        }
        case 4 -> {
          byte[] shorter = Arrays.copyOf(bytes, bytes.length - 1);
          System.arraycopy(bytes, at + 1, shorter, at, bytes.length - at - 1);
          bytes = shorter;
        }
        default -> {
          while (at < bytes.length - 1 && (bytes[at] < '0' || bytes[at] > '9')) {
            at++;
          }
          bytes[at] = (byte) "0123456789-[]{}\"".charAt(random.nextInt(16));
        }
      }
    }
    return bytes;
  }

  private record MemoryFolder(Map<String, byte[]> files) implements CheckpointFolder {
    @Override
    public String name() {
      return "memory";
    }

    @Override
    public OptionalLong bytes(String file) {
      byte[] bytes = files.get(file);
      return bytes == null ? OptionalLong.empty() : OptionalLong.of(bytes.length);
    }

    @Override
    public ByteBuffer slice(String file, long offset, int bytes) {
      return ByteBuffer.wrap(files.get(file), Math.toIntExact(offset), bytes).slice();
    }
  }
}
