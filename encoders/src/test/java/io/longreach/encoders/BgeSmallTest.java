package io.longreach.encoders;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.longreach.encoders.bench.OnnxRuntimeModel;
import io.longreach.encoders.checkpoint.SentenceSettings.PooledTokens;
import io.longreach.encoders.family.EncoderModel;
import io.longreach.encoders.family.Family;
import io.longreach.encoders.family.Reading;
import io.longreach.encoders.text.TextTokenizer;
import io.longreach.encoders.text.TokenizerFiles;
import io.longreach.encoders.transformer.Document;
import io.longreach.encoders.transformer.PackedDocuments;
import io.longreach.kernels.cpu.CpuDevice;
import io.longreach.kernels.device.Device;
import io.longreach.kernels.device.Matrix;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class BgeSmallTest {
  private static final int COLUMNS = 384;

  @Test
  void hiddenStatesEqualOnnxRuntime() {
    ModelSource source = ModelSource.open("bge-small");
    assertEquals(PooledTokens.CLS, source.sentence().pooling());
    int[] all;
    try (TextTokenizer tokenizer = TextTokenizer.read(source.tokenizerJson())) {
      all = tokenizer.ids(TokenizerFiles.address(1862));
    }
    try (Device device = CpuDevice.create(1);
        OnnxRuntimeModel onnxRuntime = new OnnxRuntimeModel("bge-small-en-v1.5.onnx", 1)) {
      EncoderModel model =
          Family.of(source.config())
              .load(source.config(), source.tensors(), device, Reading.published());
      for (int tokens : new int[] {1, 37, 128, 512}) {
        int[] ids = Arrays.copyOf(all, tokens);
        Matrix hidden = model.encoder().encode(new PackedDocuments(List.of(Document.of(ids))));
        float[] found = device.download(hidden, 0, tokens);
        float[][] expected = onnxRuntime.lastHiddenStates(new int[][] {ids})[0];
        for (int token = 0; token < tokens; token++) {
          for (int i = 0; i < COLUMNS; i++) {
            assertEquals(
                expected[token][i],
                found[token * COLUMNS + i],
                1e-4,
                tokens + " tokens: token " + token + " column " + i);
          }
        }
      }
    }
  }
}
