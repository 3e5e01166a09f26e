package io.longreach.udfs.arrow;

import io.longreach.encoders.EncodingListener;
import io.longreach.encoders.HiddenStates;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.apache.spark.TaskKilledException;

/**
 * Documents through the encoder in one packed pass. A pass that fails is repeated document by
 * document, so that one never takes others with it. Ends between layers when its task is killed.
 */
public final class DocumentPass<V> {
  private final DocumentWork<V> work;
  private final WorkCounts counts;

  /**
   * What became of a document.
   *
   * @param failure null where there is a value
   */
  public record Outcome<V>(V value, RuntimeException failure) {}

  public DocumentPass(DocumentWork<V> work, WorkCounts counts) {
    this.work = work;
    this.counts = counts;
  }

  /** One row that has a text, alone: decoded, tokenized and encoded. */
  public Outcome<V> run(TextRow<?> row) {
    TokenizedRow<?> tokenized = TokenizedRow.of(row, work);
    if (tokenized.failure() != null) {
      return new Outcome<>(null, tokenized.failure());
    }
    Supplier<String> text = () -> Texts.decode(row.utf8());
    return run(List.of(new Document(text, tokenized.tokens(), row.spans()))).get(0);
  }

  /** In the order of the documents. */
  List<Outcome<V>> run(List<Document> documents) {
    if (documents.isEmpty()) {
      return List.of();
    }
    try {
      return together(documents);
    } catch (TaskKilledException e) {
      throw e;
    } catch (RuntimeException | OutOfMemoryError e) {
      TaskMemory.endIfKilled();
      if (documents.size() == 1) {
        return List.of(new Outcome<>(null, failure(e, documents.get(0))));
      }
      List<Outcome<V>> alone = new ArrayList<>();
      documents.forEach(document -> alone.addAll(run(List.of(document))));
      return alone;
    }
  }

  private static RuntimeException failure(Throwable cause, Document document) {
    return cause instanceof RuntimeException failure
        ? failure
        : new IllegalStateException(
            "out of memory at "
                + document.tokens().ids().length
                + " tokens: give the executor more memory or set a maximum of tokens",
            cause);
  }

  private List<Outcome<V>> together(List<Document> documents) {
    List<Outcome<V>> outcomes = new ArrayList<>();
    Progress progress = new Progress(documents, outcomes);
    long start = System.nanoTime();
    work.embedder().encode(documents.stream().map(Document::tokens).toList(), progress);
    long nanos = System.nanoTime() - start;
    counts.encoded(documents.size(), progress.tokens, nanos, progress.attentionNanos);
    return outcomes;
  }

  private final class Progress implements EncodingListener {
    private final List<Document> documents;
    private final List<Outcome<V>> outcomes;
    private long tokens;
    private long attentionNanos;

    Progress(List<Document> documents, List<Outcome<V>> outcomes) {
      this.documents = documents;
      this.outcomes = outcomes;
    }

    @Override
    public void document(int index, HiddenStates states) {
      Document document = documents.get(index);
      tokens += states.tokensUsed();
      outcomes.add(new Outcome<>(work.value(document, states), null));
    }

    @Override
    public void layer(int layer) {
      TaskMemory.endIfKilled();
    }

    @Override
    public void betweenLayers() {
      TaskMemory.endIfKilled();
    }

    @Override
    public void attended(long nanos) {
      attentionNanos += nanos;
    }
  }
}
