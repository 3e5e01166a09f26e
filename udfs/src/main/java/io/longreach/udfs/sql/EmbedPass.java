package io.longreach.udfs.sql;

import io.longreach.encoders.Embedder;
import io.longreach.encoders.EmbedderOptions;
import io.longreach.encoders.HiddenStates;
import io.longreach.udfs.Embedders;
import io.longreach.udfs.arrow.Document;
import io.longreach.udfs.arrow.DocumentPass;
import io.longreach.udfs.arrow.DocumentWork;
import io.longreach.udfs.arrow.TaskMemory;
import io.longreach.udfs.arrow.WorkCounts;
import java.util.List;
import org.apache.spark.TaskContext;

/** Calls over one text with one set of embedder options: tokenized once, encoded once. */
public final class EmbedPass implements DocumentWork<Object[]> {
  private final List<EmbedCall> calls;
  private final Embedder embedder;

  /**
   * @param calls which share a pass, see {@link EmbedCall#options}
   */
  public EmbedPass(List<EmbedCall> calls) {
    this.calls = calls;
    EmbedderOptions options = calls.get(0).options();
    TaskContext task = TaskContext.get();
    this.embedder = Embedders.get(task == null ? options : options.withThreads(task.cpus()));
  }

  @Override
  public Embedder embedder() {
    return embedder;
  }

  @Override
  public Embedder.Tokens tokenize(String text) {
    return needsPlaces()
        ? embedder.tokenizeWithPlaces(text, TaskMemory::endIfKilled)
        : DocumentWork.super.tokenize(text);
  }

  private boolean needsPlaces() {
    return calls.stream().anyMatch(call -> call.kind() == EmbedKind.CHUNKS);
  }

  /** A value for each call, in Catalyst's own representation. */
  @Override
  public Object[] value(Document document, HiddenStates states) {
    return calls.stream()
        .map(call -> call.kind().value(call.settings(), embedder, document, states))
        .toArray();
  }

  /** What each call makes of a text that failed; some throw the reason. */
  public Object[] failure(RuntimeException reason) {
    return calls.stream().map(call -> call.kind().failure(call.settings(), reason)).toArray();
  }

  /** The values of one document, alone. */
  Object[] values(DocumentValue document) {
    DocumentPass.Outcome<Object[]> outcome =
        new DocumentPass<>(this, WorkCounts.NONE).run(document.row(null, 0));
    return outcome.failure() == null ? outcome.value() : failure(outcome.failure());
  }
}
