package io.longreach.udfs.sql;

import io.longreach.encoders.Embedder;
import io.longreach.encoders.EmbedderOptions;
import io.longreach.encoders.EncodingListener;
import io.longreach.encoders.HiddenStates;
import io.longreach.udfs.Embedders;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.TaskContext;
import org.apache.spark.unsafe.types.UTF8String;

/** Calls over one text with one set of embedder options: tokenized once, encoded once. */
final class EmbedPass {

  /** One function of the pass. */
  record Call(EmbedKind kind, EmbedSettings settings) implements Serializable {}

  /**
   * A document on its way.
   *
   * @param tokens null where the text is null or failed
   * @param results one for each call
   */
  record Document(String text, Embedder.Tokens tokens, Object[] results) {
    int tokenCount() {
      return tokens == null ? 0 : tokens.ids().length;
    }
  }

  private final List<Call> calls;
  private final Embedder embedder;
  private long attentionNanos;

  EmbedPass(List<Call> calls) {
    this.calls = calls;
    EmbedderOptions options = calls.get(0).settings().options();
    TaskContext task = TaskContext.get();
    this.embedder = Embedders.get(task == null ? options : options.withThreads(task.cpus()));
  }

  Embedder embedder() {
    return embedder;
  }

  long attentionNanos() {
    return attentionNanos;
  }

  Document tokenize(UTF8String utf8) {
    Object[] results = new Object[calls.size()];
    if (utf8 == null) {
      return new Document(null, null, results);
    }
    String text = utf8.toString();
    try {
      boolean placed = calls.stream().anyMatch(call -> call.kind() == EmbedKind.CHUNKS);
      return new Document(
          text, placed ? embedder.tokenizeWithPlaces(text) : embedder.tokenize(text), results);
    } catch (IllegalArgumentException e) {
      fail(results, e);
      return new Document(text, null, results);
    }
  }

  /** Fills the results; if the batch fails its documents are encoded one by one. */
  void encode(List<Document> documents) {
    List<Document> good = documents.stream().filter(d -> d.tokens() != null).toList();
    if (good.isEmpty()) {
      return;
    }
    try {
      encodeTogether(good);
    } catch (IllegalArgumentException | IllegalStateException e) {
      if (good.size() == 1) {
        fail(good.get(0).results(), e);
      } else {
        good.forEach(document -> encode(List.of(document)));
      }
    }
  }

  private void encodeTogether(List<Document> documents) {
    List<Embedder.Tokens> tokens = new ArrayList<>();
    documents.forEach(document -> tokens.add(document.tokens()));
    embedder.encode(
        tokens,
        new EncodingListener() {
          @Override
          public void document(int index, HiddenStates states) {
            Document document = documents.get(index);
            for (int c = 0; c < calls.size(); c++) {
              Call call = calls.get(c);
              document.results()[c] =
                  call.kind()
                      .value(call.settings(), embedder, document.text(), document.tokens(), states);
            }
          }

          @Override
          public void layer(int layer) {
            TaskContext task = TaskContext.get();
            if (task != null) {
              task.killTaskIfInterrupted();
            }
          }

          @Override
          public void attended(long nanos) {
            attentionNanos += nanos;
          }
        });
  }

  private void fail(Object[] results, RuntimeException reason) {
    for (int c = 0; c < calls.size(); c++) {
      results[c] = calls.get(c).kind().failure(calls.get(c).settings(), reason);
    }
  }
}
