package io.longreach.encoders.family;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longreach.encoders.transformer.Document;
import io.longreach.encoders.transformer.PackedDocuments;
import io.longreach.kernels.cpu.CpuDevice;
import io.longreach.kernels.device.Device;
import io.longreach.kernels.device.Matrix;
import io.longreach.kernels.reference.ReferenceDevice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class GoldenEncoderTest {
  private static final double REFERENCE_LIMIT = 2e-6;
  private static final int[] NONE = {};
  private static final double FLOAT_LIMIT = 5e-5;

  static Stream<Path> cases() throws IOException {
    List<Path> folders = new ArrayList<>();
    for (String family : List.of("bert", "roberta", "modernbert", "longformer")) {
      try (Stream<Path> found = Files.list(GoldenCase.folder(family))) {
        found.sorted().forEach(folders::add);
      }
    }
    return folders.stream();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void reference(Path folder) {
    try (Device device = new ReferenceDevice()) {
      compare(folder, device, REFERENCE_LIMIT);
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void cpu(Path folder) {
    try (Device device = CpuDevice.create(1)) {
      compare(folder, device, FLOAT_LIMIT);
    }
  }

  private static void compare(Path folder, Device device, double limit) {
    GoldenCase golden = new GoldenCase(folder);
    EncoderModel model =
        Family.of(golden.config).load(golden.config, golden.weights, device, Reading.published());
    int rows = golden.tensors.shape("in.input_ids")[0];
    for (int row = 0; row < rows; row++) {
      int[] mask = golden.tensors.row("in.attention_mask", row);
      Document document = document(golden, row, mask);
      List<float[]> states = new ArrayList<>();
      Matrix last =
          model
              .encoder()
              .encode(
                  new PackedDocuments(List.of(document)),
                  (layers, attentionStream, hidden) ->
                      states.add(device.download(hidden, 0, hidden.rows())));
      states.set(states.size() - 1, device.download(last, 0, last.rows()));
      int compared = 0;
      for (int layer = 0; layer < states.size(); layer++) {
        boolean isLast = layer == states.size() - 1;
        String name = isLast ? "out.last_hidden_state" : "out.hidden." + layer;
        if (golden.tensors.has(name)) {
          compare(golden, name, row, mask, states.get(layer), limit);
          compared++;
        }
      }
      assertTrue(compared >= 2, "too little compared");
      if (golden.tensors.has("out.pooler_output")) {
        comparePooled(golden, row, model.pooled(last, 0), limit);
      }
    }
  }

  private static void comparePooled(GoldenCase golden, int row, float[] found, double limit) {
    float[] all = golden.tensors.read("out.pooler_output");
    for (int i = 0; i < found.length; i++) {
      assertEquals(all[row * found.length + i], found[i], limit, "pooled document " + row);
    }
  }

  private static Document document(GoldenCase golden, int row, int[] mask) {
    BitSet valid = new BitSet();
    for (int i = 0; i < mask.length; i++) {
      valid.set(i, mask[i] == 1);
    }
    int[] types =
        golden.tensors.has("in.token_type_ids")
            ? golden.tensors.row("in.token_type_ids", row)
            : null;
    int[] globalTokens = NONE;
    if (golden.tensors.has("in.global_attention_mask")) {
      int[] global = golden.tensors.row("in.global_attention_mask", row);
      globalTokens = IntStream.range(0, global.length).filter(i -> global[i] == 1).toArray();
    }
    return new Document(golden.tensors.row("in.input_ids", row), types, valid, globalTokens);
  }

  private static void compare(
      GoldenCase golden, String name, int row, int[] mask, float[] found, double limit) {
    float[] all = golden.tensors.read(name);
    int columns = golden.tensors.shape(name)[2];
    for (int token = 0; token < mask.length; token++) {
      for (int i = 0; i < columns * mask[token]; i++) {
        assertEquals(
            all[(row * mask.length + token) * columns + i],
            found[token * columns + i],
            limit,
            name + " document " + row + " token " + token + " column " + i);
      }
    }
  }
}
