package io.longreach.encoders;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Test;

class ModelDescriptionTest {
  private static final String SIZES =
      "'hidden_size': 768, 'num_hidden_layers': 3, 'num_attention_heads': 12,"
          + " 'intermediate_size': 3072, ";

  @Test
  void theDefaultPatternIsTheFamilys() throws JsonProcessingException {
    ModelDescription bert = of("'model_type': 'bert', 'max_position_embeddings': 512");
    assertEquals("dense", bert.defaultPattern(512));
    assertEquals("window(256)", bert.defaultPattern(513));
    ModelDescription longformer =
        of(
            "'model_type': 'longformer', 'max_position_embeddings': 4098,"
                + " 'attention_window': [512, 512, 64]");
    assertEquals(
        "0-1: window(256) + global(0); 2: window(32) + global(0)", longformer.defaultPattern(4096));
    ModelDescription bigBird = of("'model_type': 'big_bird', 'max_position_embeddings': 4096");
    assertEquals("dense", bigBird.defaultPattern(704));
    assertTrue(bigBird.defaultPattern(4096).startsWith("bigbird("), bigBird.defaultPattern(4096));
    ModelDescription modern =
        of("'model_type': 'modernbert', 'max_position_embeddings': 8192, 'local_attention': 128");
    assertEquals("0: dense; 1-2: window(64)", modern.defaultPattern(8192));
  }

  @Test
  void aLongformerCostsLessThanDenseAttention() throws JsonProcessingException {
    ModelDescription longformer =
        of(
            "'model_type': 'longformer', 'max_position_embeddings': 4098,"
                + " 'attention_window': 512");
    double attention =
        longformer.flops(longformer.defaultPattern(4096), 4096)
            - longformer.flops("window(0)", 4096);
    double dense = longformer.flops("dense", 4096) - longformer.flops("window(0)", 4096);
    assertTrue(attention < dense / 7, attention + " of " + dense);
  }

  @Test
  void layersCostWhatTheirOwnPatternsDo() throws JsonProcessingException {
    ModelDescription bert = of("'model_type': 'bert', 'max_position_embeddings': 512");
    double dense = bert.flops("dense", 1000);
    double window = bert.flops("window(16)", 1000);
    assertEquals(
        (dense + 2 * window) / 3, bert.flops("0: dense; *: window(16)", 1000), 1e-9 * dense);
  }

  private static ModelDescription of(String config) throws JsonProcessingException {
    String json = ("{" + SIZES + config + "}").replace('\'', '"');
    return ModelDescription.of("test", new ObjectMapper().readTree(json));
  }
}
