package io.longreach.encoders;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.longreach.encoders.checkpoint.CheckpointException;
import io.longreach.encoders.checkpoint.SafetensorsBytes;
import io.longreach.encoders.family.TensorSource;
import io.longreach.encoders.text.TokenizerFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** MiniLM written down as a published folder, in every way that folders are published. */
class CheckpointFolderTest {
  private static final List<String> EMBEDDINGS =
      List.of(
          "embeddings.word_embeddings.weight",
          "embeddings.position_embeddings.weight",
          "embeddings.token_type_embeddings.weight",
          "embeddings.LayerNorm.weight",
          "embeddings.LayerNorm.bias");
  private static final List<String> LAYER =
      List.of(
          "attention.self.query",
          "attention.self.key",
          "attention.self.value",
          "attention.output.dense",
          "attention.output.LayerNorm",
          "intermediate.dense",
          "output.dense",
          "output.LayerNorm");
  private static ModelSource source;
  private static float[] expected;
  private static String text;

  @TempDir Path directory;

  @BeforeAll
  static void minilm() {
    source = ModelSource.open("minilm");
    text = TokenizerFiles.address(1790).substring(0, 1500);
    expected = vector("minilm");
  }

  @AfterAll
  static void forget() {
    source = null;
  }

  @Test
  void oneFile() throws IOException {
    writeSettings();
    writeWeights("model.safetensors", "F32", "", names());
    assertArrayEquals(expected, vector(directory.toString()), "as a path");
    assertArrayEquals(expected, vector(directory.toUri().toString()), "as a URI");
    try (Embedder embedder = open(directory.toString())) {
      assertTrue(embedder.model().startsWith(directory + "@"), embedder.model());
    }
  }

  @ParameterizedTest
  @CsvSource({"F16, 2e-3", "BF16, 2e-2"})
  void halfPrecisionWithAPrefix(String type, float limit) throws IOException {
    writeSettings();
    writeWeights("model.safetensors", type, "bert.", names());
    assertArrayEquals(expected, vector(directory.toString()), limit);
  }

  @Test
  void shards() throws IOException {
    writeSettings();
    List<String> names = names();
    Map<String, String> files = new TreeMap<>();
    for (int shard = 0; shard < 3; shard++) {
      String file = "model-0000" + (shard + 1) + "-of-00003.safetensors";
      List<String> part = names.subList(shard * names.size() / 3, (shard + 1) * names.size() / 3);
      writeWeights(file, "F32", "", part);
      part.forEach(name -> files.put(name, file));
    }
    writeIndex(files);
    assertArrayEquals(expected, vector(directory.toString()));
    Files.delete(directory.resolve("model-00002-of-00003.safetensors"));
    assertWrong("must have model-00002-of-00003.safetensors");
    writeIndex(Map.of("a", "../elsewhere.safetensors"));
    assertWrong("tensor a must be in a .safetensors file of the same folder");
    writeIndex(Map.of("a", "model-00001-of-00003.safetensors"));
    assertWrong("tensor a must be there as model.safetensors.index.json says, is not");
  }

  @Test
  void modulesInFoldersOfTheirOwn() throws IOException {
    Path transformer = Files.createDirectory(directory.resolve("0_Transformer"));
    writeSettings(transformer);
    writeWeights("0_Transformer/model.safetensors", "F32", "", names());
    Files.writeString(
        directory.resolve("modules.json"),
        """
        [{"idx":0,"name":"0","path":"0_Transformer","type":"sentence_transformers.models.Transformer"},
         {"idx":1,"name":"1","path":"1_Pooling","type":"sentence_transformers.models.Pooling"}]
        """);
    assertArrayEquals(expected, vector(directory.toString()));
  }

  @Test
  void aVocabularyInsteadOfATokenizer() throws IOException {
    writeSettings();
    writeWeights("model.safetensors", "F32", "", names());
    Files.delete(directory.resolve("tokenizer.json"));
    assertWrong("must have tokenizer.json, vocab.txt, or vocab.json and merges.txt");
    JsonNode vocabulary =
        new ObjectMapper().readTree(source.tokenizerJson()).path("model").path("vocab");
    String[] lines = new String[vocabulary.size()];
    vocabulary.properties().forEach(entry -> lines[entry.getValue().intValue()] = entry.getKey());
    Files.writeString(directory.resolve("vocab.txt"), String.join("\n", lines) + "\n");
    assertArrayEquals(expected, vector(directory.toString()));
    Files.writeString(directory.resolve("tokenizer_config.json"), "{\"do_lower_case\": false}");
    try (Embedder cased = open(directory.toString())) {
      int unknown = 100;
      int[] ids = cased.tokenize("Congress").ids();
      assertArrayEquals(
          new int[] {101, unknown, 102}, ids, "an uncased vocabulary has no capitals");
    }
  }

  @Test
  void whatIsMissingOrDoesNotFit() throws IOException {
    assertWrong("must have config.json");
    writeSettings();
    assertWrong("must have model.safetensors");
    Files.writeString(directory.resolve("pytorch_model.bin"), "");
    assertWrong("pytorch_model.bin must be safetensors, is a Python pickle");
    List<String> names = new ArrayList<>(names());
    String last = names.remove(names.size() - 2);
    writeWeights("model.safetensors", "F32", "", names);
    assertWrong("model.safetensors: tensor " + last + " must be there, found 100 others");
    writeWeights("model.safetensors", "F32", "", names());
    String config = Files.readString(directory.resolve("config.json"));
    rewriteConfig(config.replace("1536", "100000000"));
    assertWrong(
        "model.safetensors: tensor encoder.layer.0.intermediate.dense.weight must be [100000000,"
            + " 384] as config.json says, was [1536, 384]");
    rewriteConfig(config.replace("\"hidden_size\":384", "\"hidden_size\":120000"));
    assertWrong("must be [120000, 120000] as config.json says");
    rewriteConfig(config.replace("\"bert\"", "\"mamba\""));
    assertWrong("was 'mamba': this family is not supported");
    rewriteConfig("{\"model_type\": \"bert\", \"model_type\": \"bert\"}");
    assertWrong("config.json must be valid JSON: Duplicate field 'model_type'");
    rewriteConfig("{\"model_type\": \"bert\"");
    assertWrong("expected close marker for Object (start marker at line 1, column 1): download");
  }

  private void rewriteConfig(String config) throws IOException {
    Files.writeString(directory.resolve("config.json"), config);
  }

  private void assertWrong(String message) {
    IllegalArgumentException wrong =
        assertThrows(IllegalArgumentException.class, () -> open(directory.toString()).close());
    assertTrue(wrong.getMessage().contains(message), wrong.getMessage());
    assertEquals(1, wrong.getMessage().lines().count(), "one line");
    assertTrue(
        wrong instanceof CheckpointException || wrong.getMessage().contains("config.json"),
        wrong.toString());
  }

  private void writeSettings() throws IOException {
    writeSettings(directory);
  }

  private static void writeSettings(Path folder) throws IOException {
    Files.writeString(folder.resolve("config.json"), source.config().toString());
    Files.writeString(folder.resolve("tokenizer.json"), source.tokenizerJson());
  }

  private void writeIndex(Map<String, String> files) throws IOException {
    Files.writeString(
        directory.resolve("model.safetensors.index.json"),
        new ObjectMapper().writeValueAsString(Map.of("weight_map", files)));
  }

  private void writeWeights(String file, String type, String prefix, List<String> names)
      throws IOException {
    SafetensorsBytes bytes = new SafetensorsBytes();
    TensorSource tensors = source.tensors();
    for (String name : names) {
      bytes.add(prefix + name, type, tensors.shape(name), tensors.read(name));
    }
    Files.write(directory.resolve(file), bytes.bytes());
  }

  private static List<String> names() {
    List<String> names = new ArrayList<>(EMBEDDINGS);
    for (int layer = 0; layer < 6; layer++) {
      for (String name : LAYER) {
        names.add("encoder.layer." + layer + "." + name + ".weight");
        names.add("encoder.layer." + layer + "." + name + ".bias");
      }
    }
    return names;
  }

  private static float[] vector(String model) {
    try (Embedder embedder = open(model)) {
      return embedder.embed(List.of(embedder.tokenize(text))).get(0).vector();
    }
  }

  private static Embedder open(String model) {
    return Embedder.open(new EmbedderOptions(model, "auto", "tile", 0, "cpu", 1));
  }
}
