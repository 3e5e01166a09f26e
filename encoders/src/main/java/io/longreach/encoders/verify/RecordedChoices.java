package io.longreach.encoders.verify;

import io.longreach.encoders.family.Reading;
import io.longreach.encoders.transformer.PositionPolicy;
import io.longreach.kernels.pattern.AttentionPattern;
import io.longreach.kernels.pattern.BigBird;
import io.longreach.kernels.pattern.Choice;
import io.longreach.kernels.pattern.PerHead;
import io.longreach.kernels.pattern.PerLayer;
import io.longreach.kernels.pattern.RandomBlocks;
import io.longreach.kernels.pattern.Range;
import io.longreach.kernels.plan.LshRotations;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The random choices that an encoder case recorded, layer by layer. */
final class RecordedChoices {
  private final GoldenCase golden;

  RecordedChoices(GoldenCase golden) {
    this.golden = golden;
  }

  Reading reading() {
    return new Reading(bigBird(), PositionPolicy.NATIVE, rotations());
  }

  private Optional<AttentionPattern> bigBird() {
    List<Choice> layers = new ArrayList<>();
    for (int layer = 0; golden.tensors().has(blocks(layer)); layer++) {
      layers.add(choice(layer, heads(golden.tensors().get(blocks(layer)).shaped(-1, -1, -1))));
    }
    return layers.isEmpty() ? Optional.empty() : Optional.of(new PerLayer(layers));
  }

  private static String blocks(int layer) {
    return "rec.layer." + layer + ".rand_blocks";
  }

  private PerHead heads(CaseTensor drawn) {
    List<Choice> heads = new ArrayList<>();
    for (int head = 0; head < drawn.axis(0); head++) {
      int[][] blocks =
          Arrays.stream(drawn.at(head).rows())
              .map(row -> Arrays.stream(row).mapToInt(block -> (int) block).toArray())
              .toArray(int[][]::new);
      BigBird pattern =
          new BigBird(
              golden.number("block_size"), 3, drawn.axis(2), 1, RandomBlocks.Given.of(blocks));
      heads.add(choice(head, pattern));
    }
    return new PerHead(heads);
  }

  private static Choice choice(int number, AttentionPattern pattern) {
    return new Choice(List.of(new Range(number, number)), pattern);
  }

  private Map<Integer, LshRotations> rotations() {
    Map<Integer, LshRotations> rotations = new HashMap<>();
    for (int layer = 0; layer < golden.number("num_hidden_layers", 0); layer++) {
      String name = "rec.layer." + layer + ".rotations";
      if (golden.tensors().has(name)) {
        CaseTensor drawn = golden.tensors().get(name).shaped(-1, -1, -1, -1);
        rotations.put(
            layer,
            new LshRotations(
                drawn.floats(), drawn.axis(0), drawn.axis(1), drawn.axis(2), drawn.axis(3)));
      }
    }
    return rotations;
  }
}
