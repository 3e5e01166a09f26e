package io.longreach.encoders.verify;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a checkpoint leaves open, chosen as an embedder does, against published results. */
class AttentionChoicesTest {
  private static final Path GOLDEN = Path.of("src/test/resources/golden");

  private record Loaded(GoldenCase golden, EncoderModel model) {}

  private static Loaded load(String name, Reading reading) throws IOException {
    Path folder = GOLDEN.resolve(name);
    GoldenCase golden = GoldenCase.read(folder);
    CaseWeights weights = new CaseWeights(CaseTensors.read(folder.resolve("model.safetensors")));
    return new Loaded(golden, Family.open(golden.config(), weights, CpuDevice.create(2), reading));
  }

  private static Reading reading(List<Integer> globalTokens) {
    return Reading.published().with(Optional.of(globalTokens), Reading.RandomDraw.AS_TRAINED);
  }

  /** The states of the first document of a case, which has no padding. */
  private static float[] states(Loaded loaded) {
    CaseTensors tensors = loaded.golden().tensors();
    Document document = loaded.model().document(tensors.get("in.input_ids").at(0).ints());
    if (tensors.has("in.token_type_ids")) {
      int[] types = tensors.get("in.token_type_ids").at(0).ints();
      document = new Document(document.ids(), types, null, document.globalTokens());
    }
    Matrix states = loaded.model().encoder().encode(new PackedDocuments(List.of(document)));
    return loaded.model().encoder().device().download(states, 0, document.tokens());
  }

  private static void assertPublished(Loaded loaded) {
    CaseTensor expected = loaded.golden().tensors().get("out.last_hidden_state").at(0);
    assertArrayEquals(expected.floats(), states(loaded), 5e-5f);
  }

  @Test
  void globalTokensAreThoseAskedFor() throws IOException {
    GoldenCase golden = GoldenCase.read(GOLDEN.resolve("longformer/long-777"));
    int[] marks = golden.tensors().get("in.global_attention_mask").at(0).ints();
    List<Integer> globals =
        IntStream.range(0, marks.length).filter(i -> marks[i] != 0).boxed().toList();
    Loaded loaded = load("longformer/long-777", reading(globals));
    assertPublished(loaded);
    assertTrue(loaded.model().pattern(777).contains("global("), loaded.model().pattern(777));
  }

  @Test
  void noGlobalTokensMayBeAskedFor() throws IOException {
    Loaded loaded = load("longformer/no-global", reading(List.of()));
    assertFalse(loaded.model().pattern(100).contains("global"), loaded.model().pattern(100));
  }

  /** A short document has no token 5000: it is left out and not an error. */
  @Test
  void globalTokensBeyondTheEndAreLeftOut() throws IOException {
    Loaded loaded = load("longformer/long-777", reading(List.of(0, 5000)));
    Document document = loaded.model().document(new int[] {5, 6, 7});
    assertArrayEquals(new int[] {0}, document.globalTokens());
    assertTrue(loaded.model().pattern(3).contains("global(0)"), loaded.model().pattern(3));
  }

  @Test
  void familiesWithoutGlobalProjectionsRefuseGlobalTokens() {
    for (String name : List.of("bert/types-and-padding", "modernbert/alternating")) {
      IllegalArgumentException refused =
          assertThrows(IllegalArgumentException.class, () -> load(name, reading(List.of(0))));
      assertTrue(refused.getMessage().contains("global(0)"), refused.getMessage());
    }
  }

  @Test
  void blocksOfZeroAreTodaysPublishedInference() throws IOException {
    Reading zero = Reading.published().with(Optional.empty(), Reading.RandomDraw.ZERO);
    Loaded loaded = load("bigbird/sparse-eval-ragged", zero);
    assertPublished(loaded);
    float[] drawn = states(load("bigbird/sparse-eval-ragged", Reading.published()));
    assertFalse(Arrays.equals(drawn, states(loaded)), "drawn blocks must differ");
  }

  @Test
  void drawnBlocksAreThePublishedOnes() throws IOException {
    assertPublished(load("bigbird/sparse-drawn", Reading.published()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0: window(8); *: window(4)",
        "heads(0: window(8); *: dilated(4, rate=2))",
        "lsh(buckets=8, rounds=2, chunk=16)",
        "performer(features=32)"
      })
  void aLongformerRunsOtherPatterns(String pattern) throws IOException {
    Reading other = new Reading(Optional.of(AttentionPattern.parse(pattern)), PositionPolicy.TILE);
    Loaded loaded = load("longformer/long-777", other);
    for (float value : states(loaded)) {
      assertTrue(Float.isFinite(value), pattern);
    }
  }
}
