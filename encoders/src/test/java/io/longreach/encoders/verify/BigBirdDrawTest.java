package io.longreach.encoders.verify;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.longreach.encoders.family.EncoderModel;
import io.longreach.encoders.family.Family;
import io.longreach.encoders.family.Reading;
import io.longreach.kernels.pattern.BigBird;
import io.longreach.kernels.reference.ReferenceDevice;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Without recorded choices, a checkpoint draws what the published implementation drew. */
class BigBirdDrawTest {
  @ParameterizedTest
  @CsvSource({"sparse-drawn, 304", "sparse-paper-1024, 1024"})
  void theModelsOwnDrawIsTheRecordedOne(String name, int tokens) throws IOException {
    Path folder = Path.of("src/test/resources/golden/bigbird").resolve(name);
    GoldenCase golden = GoldenCase.read(folder);
    CaseWeights weights = new CaseWeights(CaseTensors.read(folder.resolve("model.safetensors")));
    EncoderModel model =
        Family.of(golden.config())
            .load(golden.config(), weights, new ReferenceDevice(), Reading.published());
    int heads = golden.number("num_attention_heads");
    for (int layer = 0; layer < model.attention().layers(); layer++) {
      CaseTensor recorded = golden.tensors().get("rec.layer." + layer + ".rand_blocks");
      for (int head = 0; head < heads; head++) {
        BigBird pattern =
            (BigBird) model.attention().patterns().pattern(layer, tokens).at(layer, head, heads);
        int[][] drawn = pattern.source().draw(pattern, tokens / pattern.blockTokens());
        int[][] expected =
            Arrays.stream(recorded.at(head).rows())
                .map(row -> Arrays.stream(row).mapToInt(block -> (int) block).toArray())
                .toArray(int[][]::new);
        assertArrayEquals(expected, drawn, "layer " + layer + " head " + head);
      }
    }
    assertEquals(
        "bigbird(block=" + golden.number("block_size") + ", window=3, random=3, global=1",
        model.pattern(tokens).split(", positions")[0].replace(")", ""));
  }
}
