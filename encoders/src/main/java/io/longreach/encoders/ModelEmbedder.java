package io.longreach.encoders;

import io.longreach.encoders.family.EncoderModel;
import io.longreach.encoders.family.Family;
import io.longreach.encoders.family.Reading;
import io.longreach.encoders.text.TextTokenizer;
import io.longreach.encoders.transformer.PackedDocuments;
import io.longreach.encoders.transformer.PositionPolicy;
import io.longreach.kernels.device.Device;
import io.longreach.kernels.device.Matrix;
import io.longreach.kernels.pattern.AttentionPattern;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Tokenizer, encoder and pooling of one model on one device. */
final class ModelEmbedder implements Embedder {
  /** Documents are packed up to here: enough rows for the kernels, few enough for the caches. */
  private static final int PACKED_TOKENS = 4096;

  private record TokenIds(int[] ids) implements Tokens {}

  private final EmbedderOptions options;
  private final String model;
  private final TextTokenizer tokenizer;
  private final Device device;
  private final EncoderModel encoder;

  private ModelEmbedder(
      EmbedderOptions options,
      String model,
      TextTokenizer tokenizer,
      Device device,
      EncoderModel encoder) {
    this.options = options;
    this.model = model;
    this.tokenizer = tokenizer;
    this.device = device;
    this.encoder = encoder;
  }

  static ModelEmbedder open(EmbedderOptions options) {
    Reading reading =
        new Reading(pattern(options.pattern()), PositionPolicy.parse(options.positions()));
    if (options.maxTokens() < 0) {
      throw new IllegalArgumentException(
          "maxTokens must not be negative, was " + options.maxTokens() + ": use 0 for no limit");
    }
    Device device = Devices.open(options.device(), options.threads());
    try {
      ModelSource source = ModelSource.open(options.model());
      EncoderModel encoder =
          Family.of(source.config()).load(source.config(), source.tensors(), device, reading);
      return new ModelEmbedder(
          options,
          source.name() + "@" + source.fingerprint(),
          TextTokenizer.read(source.tokenizerJson()),
          device,
          encoder);
    } catch (RuntimeException e) {
      device.close();
      throw e;
    }
  }

  private static Optional<AttentionPattern> pattern(String text) {
    return text.equals("auto") ? Optional.empty() : Optional.of(AttentionPattern.parse(text));
  }

  @Override
  public Tokens tokenize(String text) {
    int[] ids = text.isEmpty() ? new int[0] : tokenizer.ids(text);
    if (ids.length <= tokenizer.specialTokens()) {
      throw new IllegalArgumentException("text is empty");
    }
    return new TokenIds(ids);
  }

  @Override
  public List<Embedding> embed(List<Tokens> batch) {
    List<Embedding> embeddings = new ArrayList<>(batch.size());
    List<int[]> packed = new ArrayList<>();
    long tokens = 0;
    for (Tokens document : batch) {
      int[] used = used(document);
      if (!packed.isEmpty() && tokens + used.length > PACKED_TOKENS) {
        embedPacked(packed, batch, embeddings);
        packed.clear();
        tokens = 0;
      }
      packed.add(used);
      tokens += used.length;
    }
    if (!packed.isEmpty()) {
      embedPacked(packed, batch, embeddings);
    }
    return embeddings;
  }

  private int[] used(Tokens document) {
    return options.maxTokens() == 0
        ? document.ids()
        : tokenizer.truncate(document.ids(), options.maxTokens());
  }

  /** Appends the embeddings of the documents that follow those already embedded. */
  private void embedPacked(List<int[]> packed, List<Tokens> batch, List<Embedding> out) {
    PackedDocuments documents =
        new PackedDocuments(packed.stream().map(encoder::document).toList());
    Matrix hidden = encoder.encoder().encode(documents);
    for (int d = 0; d < documents.size(); d++) {
      int tokens = batch.get(out.size()).ids().length;
      int used = packed.get(d).length;
      int firstRow = documents.firstRow(d);
      float[] vector = MeanPooling.pool(device, hidden, firstRow, firstRow + used);
      out.add(new Embedding(vector, tokens, used, warnings(tokens, used)));
    }
  }

  private List<String> warnings(int tokens, int used) {
    List<String> warnings = new ArrayList<>();
    if (used < tokens) {
      warnings.add("truncated to " + used + " of " + tokens + " tokens, as maxTokens asks");
    }
    if (used > encoder.ownTokens()) {
      warnings.add(
          used
              + " tokens are beyond the "
              + encoder.ownTokens()
              + " that the model was made for: read with positions="
              + options.positions()
              + " and pattern "
              + pattern(used));
    }
    return warnings;
  }

  @Override
  public int dimensions() {
    return encoder.encoder().columns();
  }

  @Override
  public String model() {
    return model;
  }

  @Override
  public String pattern(int tokens) {
    return encoder.pattern(tokens);
  }

  @Override
  public String device() {
    return device.name();
  }

  @Override
  public void close() {
    device.close();
    tokenizer.close();
  }
}
