package io.longreach.encoders.verify;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.longreach.encoders.family.EncoderModel;
import io.longreach.encoders.family.Family;
import io.longreach.encoders.family.Reading;
import io.longreach.encoders.transformer.Document;
import io.longreach.encoders.transformer.PackedDocuments;
import io.longreach.encoders.transformer.PositionPolicy;
import io.longreach.kernels.cpu.CpuDevice;
import io.longreach.kernels.device.Matrix;
import io.longreach.kernels.pattern.AttentionPattern;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the golden cases of Reformer do not show: documents alone, buckets by length, errors. */
class ReformerFamilyTest {
  private static final Path MIXED = Path.of("src/test/resources/golden/reformer/mixed-padded");

  private static EncoderModel load(Consumer<ObjectNode> change, Reading reading)
      throws IOException {
    ObjectNode config = (ObjectNode) GoldenCase.read(MIXED).config();
    change.accept(config);
    CaseWeights weights = new CaseWeights(CaseTensors.read(MIXED.resolve("model.safetensors")));
    return Family.of(config).load(config, weights, CpuDevice.create(2), reading);
  }

  private static EncoderModel published() throws IOException {
    return load(config -> {}, Reading.published());
  }

  private static int[] ids(int tokens) {
    return new SplittableRandom(tokens).ints(tokens, 3, 120).toArray();
  }

  private static float[] states(EncoderModel model, int[] last, int[]... before) {
    List<Document> documents = new ArrayList<>(Arrays.stream(before).map(model::document).toList());
    documents.add(model.document(last));
    PackedDocuments packed = new PackedDocuments(documents);
    Matrix states = model.encoder().encode(packed);
    int first = packed.firstRow(before.length);
    return model.encoder().device().download(states, first, first + last.length);
  }

  @ParameterizedTest
  @CsvSource({"9", "16", "17", "50", "96"})
  void whatSharesTheBatchChangesNothing(int tokens) throws IOException {
    EncoderModel model = published();
    float[] alone = states(model, ids(tokens));
    assertEquals(tokens * 64, alone.length, "both streams side by side");
    assertArrayEquals(alone, states(model, ids(tokens), ids(90), ids(5)), 0f, "bits");
  }

  /** Chunks of 32 and 16: a document longer than 16 counts as a multiple of 32. */
  @ParameterizedTest
  @CsvSource({"5, 5", "16, 16", "17, 32", "32, 32", "33, 64"})
  void documentsArePaddedToTheirOwnNextMultiple(int tokens, int padded) throws IOException {
    assertEquals(padded, published().document(ids(tokens)).tokens());
  }

  /** Values of the published rule for chunks of 16 and at most 128 tokens. */
  @ParameterizedTest
  @CsvSource({"32, 4", "64, 8", "96, 8", "128, 16", "300, 32", "512, 8x8", "1024, 8x16"})
  void theLengthDecidesTheBucketsLeftOpen(int tokens, String buckets) throws IOException {
    EncoderModel model = load(config -> config.putNull("num_buckets"), Reading.published());
    String pattern = model.attention().patterns().pattern(1, tokens).toString();
    assertTrue(pattern.contains("buckets=" + buckets + ","), pattern);
  }

  @Test
  void aLayerOfSharedKeysRefusesOtherPatterns() throws IOException {
    Reading window =
        new Reading(Optional.of(AttentionPattern.parse("window(8)")), PositionPolicy.TILE);
    EncoderModel model = load(config -> {}, window);
    IllegalArgumentException refused =
        assertThrows(IllegalArgumentException.class, () -> states(model, ids(40)));
    assertTrue(refused.getMessage().contains("must be lsh, was 'window(8)'"), refused.getMessage());
    Reading lsh =
        new Reading(
            Optional.of(AttentionPattern.parse("lsh(buckets=8, rounds=2, chunk=16)")),
            PositionPolicy.TILE);
    for (float value : states(load(config -> {}, lsh), ids(100))) {
      assertTrue(Float.isFinite(value));
    }
  }

  @Test
  void settingsThatDoNotFitAreNamed() {
    assertNames("attn_layers", config -> config.putArray("attn_layers").add("full"));
    assertNames(
        "axial_pos_embds_dim", config -> config.putArray("axial_pos_embds_dim").add(8).add(8));
    assertNames("axial_pos_shape", config -> config.putArray("axial_pos_shape").add(8));
    assertNames("position_embeddings", config -> config.put("axial_pos_embds", false));
    assertNames("feed_forward.dense", config -> config.put("feed_forward_size", 50));
  }

  private static void assertNames(String name, Consumer<ObjectNode> change) {
    IllegalArgumentException refused =
        assertThrows(IllegalArgumentException.class, () -> load(change, Reading.published()), name);
    assertTrue(refused.getMessage().contains(name), refused.getMessage());
  }
}
