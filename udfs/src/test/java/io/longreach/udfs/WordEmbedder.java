package io.longreach.udfs;

import io.longreach.encoders.Embedder;
import io.longreach.encoders.Embedding;
import io.longreach.encoders.EncodingListener;
import io.longreach.encoders.HiddenStates;
import io.longreach.encoders.VectorOptions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * An embedder without a model: a token a word, a vector that is a function of the words alone. It
 * notes the batches it was given, and fails where a text tells it to.
 */
public final class WordEmbedder implements Embedder {
  public static final int DIMENSIONS = 4;

  /** Cannot be tokenized. */
  public static final String UNREADABLE = "unreadable";

  /** Cannot be embedded. */
  public static final String POISON = "poison";

  /** Does not fit into memory. */
  public static final String GIANT = "giant";

  /** Takes the task with it. */
  public static final String FATAL = "fatal";

  /** Takes a second a layer, and has a thousand of them. */
  public static final String SLOW = "slow";

  private static final int LAYERS = 2;
  private static final int SLOW_LAYERS = 1000;
  private static final Pattern WORD = Pattern.compile("\\S+");

  /** Tokens of each document of each batch, in the order of the calls. */
  public final List<List<Integer>> batches = new CopyOnWriteArrayList<>();

  private record Words(int[] ids, int[] starts, int[] ends, String text, int[] globalTokens)
      implements PlacedTokens {}

  /** A row is a token's id. */
  private record Ids(int[] ids) implements HiddenStates {
    @Override
    public int tokens() {
      return ids.length;
    }

    @Override
    public int tokensUsed() {
      return ids.length;
    }

    @Override
    public int columns() {
      return 1;
    }

    @Override
    public String pattern() {
      return "dense";
    }

    @Override
    public float[] rows(int firstToken, int lastToken) {
      throw new UnsupportedOperationException("words have no states");
    }

    @Override
    public List<String> warnings() {
      return List.of();
    }
  }

  @Override
  public Tokens tokenize(String text) {
    return tokenizeWithPlaces(text);
  }

  @Override
  public PlacedTokens tokenizeWithPlaces(String text) {
    if (text.contains(UNREADABLE)) {
      throw new IllegalStateException("the tokenizer gave up");
    }
    List<int[]> words = new ArrayList<>();
    Matcher word = WORD.matcher(text);
    while (word.find()) {
      words.add(new int[] {word.group().hashCode(), word.start(), word.end()});
    }
    return new Words(column(words, 0), column(words, 1), column(words, 2), text, null);
  }

  /** Positions alone; they change no vector. */
  @Override
  public Tokens withGlobalTokens(Tokens tokens, String globalTokens) {
    Words words = (Words) tokens;
    int[] positions = Stream.of(globalTokens.split(",")).mapToInt(Integer::parseInt).toArray();
    return new Words(words.ids(), words.starts(), words.ends(), words.text(), positions);
  }

  private static int[] column(List<int[]> words, int column) {
    return words.stream().mapToInt(word -> word[column]).toArray();
  }

  @Override
  public void encode(List<? extends Tokens> batch, EncodingListener listener) {
    batches.add(batch.stream().map(tokens -> tokens.ids().length).toList());
    for (Tokens tokens : batch) {
      failIfAsked(((Words) tokens).text());
    }
    boolean slow = batch.stream().anyMatch(tokens -> ((Words) tokens).text().contains(SLOW));
    for (int layer = 0; layer < (slow ? SLOW_LAYERS : LAYERS); layer++) {
      if (slow) {
        sleep();
      }
      listener.layer(layer);
    }
    listener.attended(1);
    for (int i = 0; i < batch.size(); i++) {
      listener.document(i, new Ids(batch.get(i).ids()));
    }
  }

  private static void failIfAsked(String text) {
    if (text.contains(POISON)) {
      throw new IllegalStateException("this text is poison");
    }
    if (text.contains(GIANT)) {
      throw new OutOfMemoryError("thrown by a test");
    }
    if (text.contains(FATAL)) {
      throw new AssertionError("thrown by a test");
    }
  }

  private static void sleep() {
    try {
      Thread.sleep(1000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public float[] vector(HiddenStates states, int firstToken, int lastToken) {
    return vector(Arrays.copyOfRange(((Ids) states).ids(), firstToken, lastToken));
  }

  @Override
  public float[] vector(HiddenStates states, int firstToken, int lastToken, VectorOptions output) {
    float[] vector = vector(states, firstToken, lastToken);
    return output.dimensions() == 0 ? vector : Arrays.copyOf(vector, output.dimensions());
  }

  @Override
  public List<Embedding> embed(List<Tokens> batch) {
    List<Embedding> embeddings = new ArrayList<>();
    encode(
        batch,
        (index, states) ->
            embeddings.add(
                new Embedding(
                    vector(states, 0, states.tokensUsed()),
                    states.tokens(),
                    states.tokensUsed(),
                    states.warnings())));
    return embeddings;
  }

  /** What the words of a text become. */
  public float[] vector(String text) {
    return vector(tokenize(text).ids());
  }

  private static float[] vector(int[] ids) {
    float[] vector = new float[DIMENSIONS];
    for (int i = 0; i < ids.length; i++) {
      vector[i % DIMENSIONS] += (float) Math.sin(ids[i] + i);
    }
    return vector;
  }

  @Override
  public int dimensions() {
    return DIMENSIONS;
  }

  @Override
  public String model() {
    return "words@00000000";
  }

  @Override
  public String pattern(int tokens) {
    return tokens > 100 ? "window(256)" : "dense";
  }

  @Override
  public String device() {
    return "test";
  }

  @Override
  public void close() {}
}
