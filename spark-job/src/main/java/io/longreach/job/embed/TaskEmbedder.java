package io.longreach.job.embed;

import io.longreach.encoders.Embedder;
import io.longreach.encoders.Embedding;
import io.longreach.encoders.EncodingListener;
import io.longreach.encoders.HiddenStates;
import io.longreach.encoders.TextSpan;
import io.longreach.encoders.VectorOptions;
import io.longreach.job.output.Chunking;
import io.longreach.udfs.MemoryGate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.TaskContext;

/**
 * The executor's embedder as one task sees it: it waits for memory before it encodes, counts where
 * the task's time goes, and stops between two layers when the task is killed.
 */
final class TaskEmbedder implements Embedder {
  private final Embedder embedder;
  private final MemoryGate gate;
  private final Counters counters;
  private final Chunking chunking;

  /** Tokens of a text that is to be cut. */
  private record ChunkedTokens(String text, PlacedTokens tokens) implements Tokens {
    @Override
    public int[] ids() {
      return tokens.ids();
    }

    @Override
    public int[] globalTokens() {
      return tokens.globalTokens();
    }
  }

  TaskEmbedder(Embedder embedder, MemoryGate gate, Counters counters, Chunking chunking) {
    this.embedder = embedder;
    this.gate = gate;
    this.counters = counters;
    this.chunking = chunking;
  }

  @Override
  public Tokens tokenize(String text) {
    long start = System.nanoTime();
    try {
      return chunking.isNone()
          ? embedder.tokenize(text)
          : new ChunkedTokens(text, embedder.tokenizeWithPlaces(text));
    } finally {
      counters.tokenizeNanos.add(System.nanoTime() - start);
    }
  }

  @Override
  public PlacedTokens tokenizeWithPlaces(String text) {
    long start = System.nanoTime();
    try {
      return embedder.tokenizeWithPlaces(text);
    } finally {
      counters.tokenizeNanos.add(System.nanoTime() - start);
    }
  }

  @Override
  public Tokens withGlobalTokens(Tokens tokens, String globalTokens) {
    return tokens instanceof ChunkedTokens chunked
        ? new ChunkedTokens(
            chunked.text(),
            (PlacedTokens) embedder.withGlobalTokens(chunked.tokens(), globalTokens))
        : embedder.withGlobalTokens(tokens, globalTokens);
  }

  /** The chunks of a text, in the order of their vectors. */
  List<TextSpan> chunks(String text, long tokensUsed) {
    return chunking.spans(text, tokenizeWithPlaces(text), Math.toIntExact(tokensUsed));
  }

  /** A document that is cut has the vectors of its chunks, one behind the other. */
  @Override
  public List<Embedding> embed(List<Tokens> batch) {
    Embedding[] embeddings = new Embedding[batch.size()];
    encode(
        batch,
        (index, states) ->
            embeddings[index] =
                new Embedding(
                    vectors(batch.get(index), states),
                    states.tokens(),
                    states.tokensUsed(),
                    states.warnings()));
    return new ArrayList<>(Arrays.asList(embeddings));
  }

  private float[] vectors(Tokens tokens, HiddenStates states) {
    if (!(tokens instanceof ChunkedTokens chunked)) {
      return embedder.vector(states, 0, states.tokensUsed());
    }
    List<TextSpan> spans = chunking.spans(chunked.text(), chunked.tokens(), states.tokensUsed());
    int dimensions = embedder.dimensions();
    float[] vectors = new float[Math.multiplyExact(spans.size(), dimensions)];
    for (int i = 0; i < spans.size(); i++) {
      float[] vector = embedder.vector(states, spans.get(i).firstToken(), spans.get(i).lastToken());
      System.arraycopy(vector, 0, vectors, i * dimensions, dimensions);
    }
    return vectors;
  }

  @Override
  public void encode(List<? extends Tokens> batch, EncodingListener listener) {
    long asked = System.nanoTime();
    try (MemoryGate.Admission admission = gate.admit(bytesOf(batch))) {
      long start = System.nanoTime();
      counters.admissionNanos.add(start - asked);
      try {
        embedder.encode(batch, new Counting(listener));
      } finally {
        counters.encodeNanos.add(System.nanoTime() - start);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TaskStopped("interrupted while waiting for memory");
    }
  }

  /** An error, because an exception would be taken for the fault of a document. */
  static final class TaskStopped extends Error {
    private static final long serialVersionUID = 1L;

    TaskStopped(String reason) {
      super(reason);
    }
  }

  private long bytesOf(List<? extends Tokens> batch) {
    long bytes = 0;
    for (Tokens tokens : batch) {
      bytes += embedder.bytes(tokens);
    }
    return bytes;
  }

  private final class Counting implements EncodingListener {
    private final EncodingListener listener;

    Counting(EncodingListener listener) {
      this.listener = listener;
    }

    @Override
    public void document(int index, HiddenStates states) {
      listener.document(index, states);
    }

    @Override
    public void layer(int layer) {
      TaskContext task = TaskContext.get();
      if (task != null && task.isInterrupted()) {
        throw new TaskStopped("the task was killed");
      }
      listener.layer(layer);
    }

    @Override
    public void attended(long nanos) {
      counters.attentionNanos.add(nanos);
      listener.attended(nanos);
    }
  }

  @Override
  public float[] vector(HiddenStates states, int firstToken, int lastToken) {
    return embedder.vector(states, firstToken, lastToken);
  }

  @Override
  public float[] vector(HiddenStates states, int firstToken, int lastToken, VectorOptions output) {
    return embedder.vector(states, firstToken, lastToken, output);
  }

  @Override
  public int dimensions() {
    return embedder.dimensions();
  }

  @Override
  public String model() {
    return embedder.model();
  }

  @Override
  public String pattern(int tokens) {
    return embedder.pattern(tokens);
  }

  @Override
  public String device() {
    return embedder.device();
  }

  @Override
  public long bytes(Tokens document) {
    return embedder.bytes(document);
  }

  /** The executor keeps its embedder. */
  @Override
  public void close() {}
}
