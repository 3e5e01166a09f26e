package io.longreach.udfs;

import io.longreach.encoders.Embedder;
import io.longreach.encoders.Embedding;
import io.longreach.encoders.EncodingListener;
import io.longreach.encoders.HiddenStates;
import io.longreach.encoders.VectorOptions;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

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

  /** Tokens of each document of each batch, in the order of the calls. */
  public final List<List<Integer>> batches = new CopyOnWriteArrayList<>();

  private record Words(int[] ids, String text) implements Tokens {}

  @Override
  public Tokens tokenize(String text) {
    if (text.contains(UNREADABLE)) {
      throw new IllegalStateException("the tokenizer gave up");
    }
    String[] words = text.strip().split("\\s+");
    int[] ids = new int[words.length];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = words[i].hashCode();
    }
    return new Words(ids, text);
  }

  @Override
  public PlacedTokens tokenizeWithPlaces(String text) {
    throw new UnsupportedOperationException("words have no places");
  }

  @Override
  public void encode(List<? extends Tokens> batch, EncodingListener listener) {
    throw new UnsupportedOperationException("words have no states");
  }

  @Override
  public float[] vector(HiddenStates states, int firstToken, int lastToken) {
    throw new UnsupportedOperationException("words have no states");
  }

  @Override
  public float[] vector(HiddenStates states, int firstToken, int lastToken, VectorOptions output) {
    throw new UnsupportedOperationException("words have no states");
  }

  @Override
  public List<Embedding> embed(List<Tokens> batch) {
    batches.add(batch.stream().map(tokens -> tokens.ids().length).toList());
    for (Tokens tokens : batch) {
      String text = ((Words) tokens).text();
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
    return batch.stream()
        .map(t -> new Embedding(vector(t.ids()), t.ids().length, t.ids().length, List.of()))
        .toList();
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
