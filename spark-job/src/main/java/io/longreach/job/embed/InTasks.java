package io.longreach.job.embed;

import io.longreach.job.input.Document;
import io.longreach.job.plan.CostPlan;
import java.util.Iterator;
import java.util.NoSuchElementException;
import scala.Tuple2;

/** The documents of a partition that are still to be embedded, each with its task. */
final class InTasks implements Iterator<Tuple2<Integer, Document>> {
  private final int partition;
  private final Iterator<Document> documents;
  private final CostPlan plan;
  private final DoneDocuments done;
  private int index = -1;
  private Document found;

  InTasks(int partition, Iterator<Document> documents, CostPlan plan, DoneDocuments done) {
    this.partition = partition;
    this.documents = documents;
    this.plan = plan;
    this.done = done;
  }

  @Override
  public boolean hasNext() {
    while (found == null && plan.isPlanned(partition, index + 1) && documents.hasNext()) {
      Document document = documents.next();
      index++;
      found = done.contains(document) ? null : document;
    }
    return found != null;
  }

  @Override
  public Tuple2<Integer, Document> next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    Document document = found;
    found = null;
    return new Tuple2<>(plan.taskOf(document), document);
  }
}
