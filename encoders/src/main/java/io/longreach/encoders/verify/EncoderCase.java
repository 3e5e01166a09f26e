package io.longreach.encoders.verify;

import com.fasterxml.jackson.databind.JsonNode;
import io.longreach.encoders.family.EncoderModel;
import io.longreach.encoders.family.Family;
import io.longreach.encoders.family.Reading;
import io.longreach.encoders.transformer.Document;
import io.longreach.encoders.transformer.PackedDocuments;
import io.longreach.encoders.transformer.StateListener;
import io.longreach.kernels.device.Device;
import io.longreach.kernels.device.Matrix;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * A whole encoder: {@code model.safetensors} beside the case holds its weights under the published
 * names, {@code config.json} is the published one. Every document of the batch is computed alone,
 * at the batch's length with its key mask, since two published models depend on that length.
 */
final class EncoderCase implements CaseRunner {
  private static final String WEIGHTS = "model.safetensors";

  @Override
  public boolean takes(GoldenCase golden) {
    return golden.config().has("model_type") && golden.tensors().has("in.input_ids");
  }

  @Override
  public Outcome run(GoldenCase golden, Engine asked) {
    CaseWeights weights;
    try {
      weights = new CaseWeights(CaseTensors.read(golden.folder().resolve(WEIGHTS)));
    } catch (IOException e) {
      throw new UncheckedIOException(WEIGHTS + " cannot be read", e);
    }
    JsonNode config = golden.config();
    Reading reading = new RecordedChoices(golden).reading();
    EncoderModel model = Family.open(config, weights, asked.device(), reading);
    boolean asAsked = model.encoder().device() == asked.device();
    Engine engine = asAsked ? asked : asked.inFloat32();
    Set<String> missing = new HashSet<>(golden.tensors().names());
    missing.removeIf(name -> !name.startsWith("out."));
    int documents = golden.tensors().get("in.input_ids").shaped(-1, -1).axis(0);
    double worst = 0;
    for (int row = 0; row < documents; row++) {
      Map<String, float[]> found = new Row(golden, row).outputs(model, weights);
      for (Map.Entry<String, float[]> output : found.entrySet()) {
        if (golden.tensors().has(output.getKey())) {
          missing.remove(output.getKey());
          worst = Math.max(worst, error(golden, engine, output.getKey(), row, output.getValue()));
        }
      }
    }
    if (!missing.isEmpty()) {
      throw new IllegalArgumentException("these outputs are not computed here: " + missing);
    }
    String device = asAsked ? engine.name() : engine.name() + " for " + asked.name();
    return new Outcome(device, worst, engine.encoderBound());
  }

  /** NaN if anything is NaN. Rows that the document masks are no results. */
  private static double error(
      GoldenCase golden, Engine engine, String name, int row, float[] found) {
    CaseTensor expected = golden.tensors().get(name).at(row);
    int columns = expected.axis(expected.shape().length - 1);
    int tokens = expected.values().length / columns;
    double[] mask = tokens == 1 ? null : mask(golden, row);
    double worst = 0;
    double largest = 0;
    for (int token = 0; token < tokens; token++) {
      if (mask == null || mask[token] != 0) {
        for (int i = token * columns; i < (token + 1) * columns; i++) {
          worst = Math.max(worst, Math.abs(found[i] - expected.values()[i]));
          largest = Math.max(largest, Math.abs(expected.values()[i]));
        }
      }
    }
    return engine.error(worst, largest);
  }

  private static double[] mask(GoldenCase golden, int row) {
    return golden.tensors().get("in.attention_mask").at(row).values();
  }

  /** One document of the batch. */
  private record Row(GoldenCase golden, int row) {

    Map<String, float[]> outputs(EncoderModel model, CaseWeights weights) {
      Device device = model.encoder().device();
      Document document = model.attention().padding().pad(document());
      Map<String, float[]> outputs = new HashMap<>();
      StateListener listener =
          (layers, attentionStream, hidden) -> {
            outputs.put("out.hidden." + layers, all(device, hidden));
            String layer = "out.layer." + (layers - 1);
            outputs.put(layer + ".attention_stream", all(device, attentionStream));
            outputs.put(layer + ".hidden_stream", all(device, hidden));
          };
      Matrix last = model.encoder().encode(new PackedDocuments(List.of(document)), listener);
      outputs.put("out.last_hidden_state", all(device, last));
      if (golden.tensors().has("out.pooler_output")) {
        outputs.put("out.pooler_output", model.pooled(last, 0));
      }
      if (golden.tensors().has("out.logits")) {
        Matrix logits = new MaskedTokenHead(golden.config(), weights).logits(device, last);
        outputs.put("out.logits", all(device, logits));
      }
      return outputs;
    }

    private static float[] all(Device device, Matrix matrix) {
      return device.download(matrix, 0, matrix.rows());
    }

    private Document document() {
      int[] ids = ints("in.input_ids");
      double[] mask = mask(golden, row);
      BitSet valid = new BitSet();
      IntStream.range(0, mask.length).filter(i -> mask[i] != 0).forEach(valid::set);
      int[] types = golden.tensors().has("in.token_type_ids") ? ints("in.token_type_ids") : null;
      int[] global = {};
      if (golden.tensors().has("in.global_attention_mask")) {
        int[] marks = ints("in.global_attention_mask");
        global = IntStream.range(0, marks.length).filter(i -> marks[i] != 0).toArray();
      }
      BitSet holes = valid.cardinality() == ids.length ? null : valid;
      return new Document(ids, types, holes, global);
    }

    private int[] ints(String name) {
      return golden.tensors().get(name).at(row).ints();
    }
  }
}
