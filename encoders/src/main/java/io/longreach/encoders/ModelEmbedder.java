package io.longreach.encoders;

import io.longreach.encoders.checkpoint.SentenceSettings;
import io.longreach.encoders.family.EncoderModel;
import io.longreach.encoders.family.Family;
import io.longreach.encoders.family.Reading;
import io.longreach.encoders.text.TextTokenizer;
import io.longreach.encoders.text.TokenizedText;
import io.longreach.encoders.transformer.Document;
import io.longreach.encoders.transformer.DocumentStream;
import io.longreach.encoders.transformer.PackedDocuments;
import io.longreach.encoders.transformer.PositionPolicy;
import io.longreach.encoders.transformer.StateListener;
import io.longreach.kernels.cuda.CudaException;
import io.longreach.kernels.cuda.SharedGpu;
import io.longreach.kernels.device.Device;
import io.longreach.kernels.device.Matrix;
import io.longreach.kernels.device.RowReduction;
import io.longreach.kernels.pattern.AttentionPattern;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** Tokenizer, encoder and pooling of one model on one device. */
final class ModelEmbedder implements Embedder {
  /** Documents are packed up to here: enough rows for the kernels, few enough for the caches. */
  private static final int PACKED_TOKENS = 4096;

  /** Streamed documents go by segments of so many tokens: enough rows for every kernel. */
  private static final int SEGMENT_TOKENS = 2048;

  private record TokenIds(int[] ids, int[] globalTokens) implements Tokens {}

  private record PlacedTokenIds(int[] ids, int[] starts, int[] ends, int[] globalTokens)
      implements PlacedTokens {}

  /**
   * A document on its way through the encoder.
   *
   * @param tokens of the whole document
   * @param ids of the tokens that are used
   */
  private record Used(int tokens, int[] ids, int[] globalTokens) {
    int length() {
      return ids.length;
    }
  }

  private final EmbedderOptions options;
  private final String model;
  private final TextTokenizer tokenizer;
  private final Device device;
  private final EncoderModel encoder;
  private final String prompt;
  private final Pooling modelPooling;

  private ModelEmbedder(
      EmbedderOptions options,
      String model,
      TextTokenizer tokenizer,
      Device device,
      EncoderModel encoder,
      SentenceSettings sentence) {
    this.options = options;
    this.model = model;
    this.tokenizer = tokenizer;
    this.device = device;
    this.encoder = encoder;
    this.prompt = prompt(options.prompt(), sentence);
    this.modelPooling = pooling(sentence);
    // An option that the model does not have fails here, not with the first document.
    options.output().dimensions(encoder.encoder().columns());
  }

  /** The text that goes before every text: a prompt of the checkpoint, or a prefix as it stands. */
  private static String prompt(String asked, SentenceSettings sentence) {
    if (asked.isEmpty()) {
      return "";
    }
    if (asked.equals("auto")) {
      return sentence.defaultPrompt().map(sentence.prompts()::get).orElse("");
    }
    String named = sentence.prompts().get(asked);
    if (named == null && asked.matches("[A-Za-z0-9_-]+")) {
      throw new IllegalArgumentException(
          "prompt must be one of the model's "
              + sentence.prompts().keySet()
              + ", was '"
              + asked
              + "': choose one, or write a prefix with its punctuation, such as 'query: '");
    }
    return named == null ? asked : named;
  }

  private static Pooling pooling(SentenceSettings sentence) {
    return switch (sentence.pooling()) {
      case CLS -> Pooling.CLS;
      case MAX -> Pooling.MAX;
      case WEIGHTED_MEAN -> Pooling.WEIGHTED_MEAN;
      case LAST -> Pooling.LAST;
      // They differ by a factor, which the vector's scale removes.
      case MEAN, MEAN_ROOT -> Pooling.MEAN;
    };
  }

  static Embedder open(EmbedderOptions options) {
    reading(options);
    DeviceName name = DeviceName.parse(options.device());
    Optional<SharedGpu> gpu = Devices.gpu(name);
    boolean automatic = name.kind() == DeviceName.Kind.AUTO;
    if (gpu.isPresent()) {
      try {
        return open(options, gpu.get(), automatic);
      } catch (CudaException e) {
        // The weights do not fit, for example.
        Devices.cpuInstead(name, e);
      }
    }
    return open(options, Devices.cpu(options.threads()));
  }

  /**
   * On a GPU, with the CPU for what does not fit.
   *
   * @param automatic whether the CPU may take over for good
   */
  static Embedder open(EmbedderOptions options, SharedGpu gpu, boolean automatic) {
    return new GpuEmbedder(
        open(options, gpu.device()),
        gpu,
        automatic,
        () -> open(options, Devices.cpu(options.threads())));
  }

  /** On a device that is closed with the embedder, or if it cannot be opened. */
  private static ModelEmbedder open(EmbedderOptions options, Device device) {
    try {
      Reading reading = reading(options);
      ModelSource source = ModelSource.open(options.model());
      EncoderModel encoder = Family.open(source.config(), source.tensors(), device, reading);
      return new ModelEmbedder(
          options,
          source.name() + "@" + source.fingerprint(),
          TextTokenizer.read(source.tokenizerJson()),
          device,
          encoder,
          source.sentence());
    } catch (RuntimeException e) {
      device.close();
      throw e;
    }
  }

  static ModelDescription describe(EmbedderOptions options) {
    Reading reading = reading(options);
    ModelSource.Settings settings = ModelSource.settings(options.model());
    prompt(options.prompt(), settings.sentence());
    ModelDescription description = ModelDescription.of(options.model(), settings.config());
    reading.checkGlobalTokens(description.attention());
    return description;
  }

  private static Reading reading(EmbedderOptions options) {
    if (options.maxTokens() < 0) {
      throw new IllegalArgumentException(
          "maxTokens must not be negative, was " + options.maxTokens() + ": use 0 for no limit");
    }
    return new Reading(pattern(options.pattern()), PositionPolicy.parse(options.positions()))
        .with(
            options.choices().globalPositions(),
            options.choices().zeroBlocks()
                ? Reading.RandomDraw.ZERO
                : Reading.RandomDraw.AS_TRAINED);
  }

  private static Optional<AttentionPattern> pattern(String text) {
    return text.equals("auto") ? Optional.empty() : Optional.of(AttentionPattern.parse(text));
  }

  @Override
  public Tokens tokenize(String text) {
    return tokenize(text, () -> {});
  }

  @Override
  public Tokens tokenize(String text, Runnable betweenPieces) {
    requireText(text);
    int[] ids = tokenizer.ids(prompt + text, betweenPieces);
    requireTokens(ids);
    return new TokenIds(ids, null);
  }

  @Override
  public PlacedTokens tokenizeWithPlaces(String text) {
    return tokenizeWithPlaces(text, () -> {});
  }

  @Override
  public PlacedTokens tokenizeWithPlaces(String text, Runnable betweenPieces) {
    requireText(text);
    TokenizedText tokens = tokenizer.encode(prompt + text, betweenPieces);
    requireTokens(tokens.ids());
    return new PlacedTokenIds(
        tokens.ids(), withoutPrompt(tokens.starts()), withoutPrompt(tokens.ends()), null);
  }

  @Override
  public Tokens withGlobalTokens(Tokens tokens, String globalTokens) {
    int[] own =
        AttentionChoices.globalPositions(globalTokens)
            .map(positions -> positions.stream().mapToInt(Integer::intValue).toArray())
            .orElse(null);
    if (own != null) {
      encoder.attention().requireGlobalTokens("'" + globalTokens + "'");
    }
    return tokens instanceof PlacedTokens placed
        ? new PlacedTokenIds(placed.ids(), placed.starts(), placed.ends(), own)
        : new TokenIds(tokens.ids(), own);
  }

  /** Places in the text alone: the prompt's tokens get empty spans at its start. */
  private int[] withoutPrompt(int[] places) {
    int[] moved = new int[places.length];
    for (int i = 0; i < places.length; i++) {
      moved[i] = Math.max(0, places[i] - prompt.length());
    }
    return moved;
  }

  private static void requireText(String text) {
    if (text.isBlank()) {
      throw new IllegalArgumentException("text is empty");
    }
  }

  private void requireTokens(int[] ids) {
    if (ids.length <= tokenizer.specialTokens()) {
      throw new IllegalArgumentException("text is empty");
    }
  }

  @Override
  public List<Embedding> embed(List<Tokens> batch) {
    List<Embedding> embeddings = new ArrayList<>(batch.size());
    encode(batch, (index, states) -> embeddings.add(embedding(states)));
    return embeddings;
  }

  Embedding embedding(HiddenStates states) {
    return new Embedding(
        vector(states, 0, states.tokensUsed()),
        states.tokens(),
        states.tokensUsed(),
        states.warnings());
  }

  /** What a batch takes of the device's memory at a time, about and rather more. */
  long deviceBytes(List<? extends Tokens> batch) {
    long packed = 0;
    long largest = 0;
    for (Tokens document : batch) {
      Used used = used(document);
      long rows = used.length();
      if (isStreamed(used)) {
        rows = 2L * SEGMENT_TOKENS * encoder.attention().layers();
      } else {
        packed += rows;
      }
      largest = Math.max(largest, rows);
    }
    // The wide rows of a feed-forward block are as much again as all other states.
    return 2 * encoder.encoder().bytes(Math.max(largest, Math.min(packed, PACKED_TOKENS)));
  }

  @Override
  public void encode(List<? extends Tokens> batch, EncodingListener listener) {
    List<Used> packed = new ArrayList<>();
    long tokens = 0;
    for (int index = 0; index < batch.size(); index++) {
      Used used = used(batch.get(index));
      boolean streamed = isStreamed(used);
      if (!packed.isEmpty() && (streamed || tokens + used.length() > PACKED_TOKENS)) {
        encodePacked(packed, index - packed.size(), listener);
        packed.clear();
        tokens = 0;
      }
      if (streamed) {
        encodeStreamed(index, used, listener);
        continue;
      }
      packed.add(used);
      tokens += used.length();
    }
    if (!packed.isEmpty()) {
      encodePacked(packed, batch.size() - packed.size(), listener);
    }
  }

  private boolean isStreamed(Used used) {
    return encoder.encoder().bytes(used.length()) > options.limitBytes()
        && stream(used).isPresent();
  }

  @Override
  public long bytes(Tokens document) {
    Used used = used(document);
    if (isStreamed(used)) {
      // Each layer keeps about a segment of rows.
      return encoder.attention().layers() * encoder.encoder().bytes(SEGMENT_TOKENS);
    }
    return encoder.encoder().bytes(used.length());
  }

  private Optional<DocumentStream> stream(Used used) {
    return encoder.encoder().stream(document(used), SEGMENT_TOKENS);
  }

  private Document document(Used used) {
    return encoder.attention().document(used.ids(), used.globalTokens());
  }

  private void encodeStreamed(int index, Used used, EncodingListener listener) {
    StreamedStates states =
        new StreamedStates(
            () -> stream(used).orElseThrow(),
            device,
            listener,
            used.tokens(),
            used.length(),
            encoder.encoder().columns(),
            pattern(used),
            warnings(used));
    try {
      listener.document(index, states);
    } finally {
      states.close();
    }
  }

  private Used used(Tokens document) {
    int[] all = document.ids();
    int[] ids = options.maxTokens() == 0 ? all : tokenizer.truncate(all, options.maxTokens());
    return new Used(all.length, ids, document.globalTokens());
  }

  private void encodePacked(List<Used> packed, int first, EncodingListener listener) {
    PackedDocuments documents = new PackedDocuments(packed.stream().map(this::document).toList());
    Matrix hidden = encoder.encoder().encode(documents, new Progress(listener));
    WholeReductions whole = new WholeReductions(device, hidden, documents.placed());
    for (int d = 0; d < documents.size(); d++) {
      listener.document(first + d, new DocumentStates(hidden, whole, d, packed.get(d)));
    }
  }

  private record Progress(EncodingListener listener) implements StateListener {
    @Override
    public void states(int layers, Matrix attentionStream, Matrix hidden) {
      listener.layer(layers);
    }

    @Override
    public void attended(long nanos) {
      listener.attended(nanos);
    }
  }

  private final class DocumentStates implements HiddenStates {
    private final Matrix hidden;
    private final WholeReductions whole;
    private final int number;
    private final Used used;

    DocumentStates(Matrix hidden, WholeReductions whole, int number, Used used) {
      this.hidden = hidden;
      this.whole = whole;
      this.number = number;
      this.used = used;
    }

    @Override
    public int tokens() {
      return used.tokens();
    }

    @Override
    public int tokensUsed() {
      return used.length();
    }

    @Override
    public int columns() {
      return hidden.columns();
    }

    @Override
    public String pattern() {
      return ModelEmbedder.this.pattern(used);
    }

    @Override
    public float[] rows(int firstToken, int lastToken) {
      Objects.checkFromToIndex(firstToken, lastToken, used.length());
      int firstRow = whole.firstRow(number);
      return device.download(hidden, firstRow + firstToken, firstRow + lastToken);
    }

    @Override
    public double[] reduce(int firstToken, int lastToken, RowReduction reduction) {
      Objects.checkFromToIndex(firstToken, lastToken, used.length());
      return whole.part(number, firstToken, lastToken, reduction);
    }

    @Override
    public List<String> warnings() {
      return ModelEmbedder.this.warnings(used);
    }
  }

  private String pattern(Used used) {
    return encoder.attention().pattern(used.length(), used.globalTokens());
  }

  private List<String> warnings(Used document) {
    List<String> warnings = new ArrayList<>();
    int used = document.length();
    if (used < document.tokens()) {
      warnings.add(
          "truncated to " + used + " of " + document.tokens() + " tokens, as maxTokens asks");
    }
    if (encoder.encoder().device() != device) {
      warnings.add(
          "computed in float32: lsh hashes the rows, and of rows in bf16 some fall into other"
              + " buckets");
    }
    if (used > encoder.ownTokens()) {
      warnings.add(
          used
              + " tokens are beyond the "
              + encoder.ownTokens()
              + " that the model was made for: read with positions="
              + options.positions()
              + " and pattern "
              + pattern(document));
    }
    return warnings;
  }

  @Override
  public float[] vector(HiddenStates states, int firstToken, int lastToken) {
    return vector(states, firstToken, lastToken, options.output());
  }

  @Override
  public float[] vector(HiddenStates states, int firstToken, int lastToken, VectorOptions output) {
    return output.vector(modelPooling, states, firstToken, lastToken);
  }

  @Override
  public int dimensions() {
    return options.output().dimensions(encoder.encoder().columns());
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
    return encoder.encoder().device().name();
  }

  @Override
  public void close() {
    device.close();
    tokenizer.close();
  }
}
