package io.longreach.job.embed;

import io.longreach.job.input.Document;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.PriorityQueue;
import org.apache.spark.api.java.JavaRDD;

/**
 * Which task embeds which document: longest first, each to the task that has least so far, so that
 * the tasks are equal in cost and not in documents. With a window pattern cost follows the tokens,
 * and tokens follow the bytes.
 *
 * <p>The driver holds 12 bytes per document.
 */
final class CostPlan implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final int FIRST_IDS = 100;

  /** A document costs something even if it is empty. */
  private static final long BYTES_PER_DOCUMENT = 64;

  /** {@code taskOf[partition][index]}: the task of a document by where it was read; -1 for none. */
  private final int[][] taskOf;

  private final int tasks;
  private final long documents;
  private final long bytes;
  private final List<String> firstIds;

  private CostPlan(int[][] taskOf, int tasks, long documents, long bytes, List<String> firstIds) {
    this.taskOf = taskOf;
    this.tasks = tasks;
    this.documents = documents;
    this.bytes = bytes;
    this.firstIds = firstIds;
  }

  /** What one partition of the input holds. */
  static final class Sizes implements Serializable {
    private static final long serialVersionUID = 1L;
    private final int partition;
    private final long[] bytes;
    private final String[] firstIds;

    Sizes(int partition, long[] bytes, String[] firstIds) {
      this.partition = partition;
      this.bytes = bytes;
      this.firstIds = firstIds;
    }
  }

  /**
   * Reads the input once, for its sizes only.
   *
   * @param limit plan only the first so many documents
   */
  static CostPlan of(JavaRDD<Document> documents, int tasks, long limit) {
    List<Sizes> partitions =
        new ArrayList<>(documents.mapPartitionsWithIndex(CostPlan::sizes, true).collect());
    partitions.sort(Comparator.comparingInt(sizes -> sizes.partition));
    return assign(partitions, tasks, limit);
  }

  private static Iterator<Sizes> sizes(int partition, Iterator<Document> documents) {
    long[] bytes = new long[16];
    List<String> firstIds = new ArrayList<>();
    int count = 0;
    while (documents.hasNext()) {
      Document document = documents.next();
      if (count == bytes.length) {
        bytes = Arrays.copyOf(bytes, count * 2);
      }
      bytes[count++] = document.bytes();
      if (firstIds.size() < FIRST_IDS) {
        firstIds.add(document.id());
      }
    }
    return List.of(
            new Sizes(partition, Arrays.copyOf(bytes, count), firstIds.toArray(new String[0])))
        .iterator();
  }

  private static CostPlan assign(List<Sizes> partitions, int tasks, long limit) {
    record Place(int partition, int index, long bytes) {}
    List<Place> places = new ArrayList<>();
    List<String> firstIds = new ArrayList<>();
    int[][] taskOf = new int[partitions.size()][];
    long total = 0;
    for (Sizes sizes : partitions) {
      taskOf[sizes.partition] = new int[sizes.bytes.length];
      Arrays.fill(taskOf[sizes.partition], -1);
      for (int i = 0; i < sizes.bytes.length && places.size() < limit; i++) {
        places.add(new Place(sizes.partition, i, sizes.bytes[i]));
        total += sizes.bytes[i];
        if (i < sizes.firstIds.length && firstIds.size() < FIRST_IDS) {
          firstIds.add(sizes.firstIds[i]);
        }
      }
    }
    record Load(int task, long bytes) {}
    int used = Math.max(1, Math.min(tasks, places.size()));
    PriorityQueue<Load> least =
        new PriorityQueue<>(Comparator.comparingLong(Load::bytes).thenComparingInt(Load::task));
    for (int task = 0; task < used; task++) {
      least.add(new Load(task, 0));
    }
    places.sort(Comparator.comparingLong(Place::bytes).reversed());
    for (Place place : places) {
      Load load = least.remove();
      taskOf[place.partition()][place.index()] = load.task();
      least.add(new Load(load.task(), load.bytes() + place.bytes() + BYTES_PER_DOCUMENT));
    }
    return new CostPlan(taskOf, used, places.size(), total, firstIds);
  }

  /** The task of the document read at {@code index} of {@code partition}, or -1 for none. */
  int taskOf(int partition, int index) {
    return taskOf[partition][index];
  }

  int tasks() {
    return tasks;
  }

  long documents() {
    return documents;
  }

  long bytes() {
    return bytes;
  }

  /** Names of the first documents in the input's order. */
  List<String> firstIds() {
    return firstIds;
  }
}
