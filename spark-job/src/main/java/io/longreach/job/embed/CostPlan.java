package io.longreach.job.embed;

import io.longreach.job.input.Document;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.stream.LongStream;
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
  private final long done;
  private final transient long[] inputIds;
  private final transient long[] inputKeys;

  private CostPlan(
      int[][] taskOf,
      int tasks,
      long documents,
      long bytes,
      List<String> firstIds,
      long done,
      long[] inputIds,
      long[] inputKeys) {
    this.done = done;
    this.inputIds = inputIds;
    this.inputKeys = inputKeys;
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
    private final long[] ids;
    private final long[] keys;

    Sizes(int partition, long[] bytes, String[] firstIds, long[] ids, long[] keys) {
      this.ids = ids;
      this.keys = keys;
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
    return of(documents, tasks, limit, new long[0], "");
  }

  /**
   * Reads the input once, and plans what is not done yet.
   *
   * @param doneKeys keys of the documents that are done, sorted
   * @param configuration what they would have to be done with
   */
  static CostPlan of(
      JavaRDD<Document> documents, int tasks, long limit, long[] doneKeys, String configuration) {
    boolean keyed = doneKeys.length > 0;
    List<Sizes> partitions =
        new ArrayList<>(
            documents
                .mapPartitionsWithIndex(
                    (partition, these) -> sizes(partition, these, keyed, configuration), true)
                .collect());
    partitions.sort(Comparator.comparingInt(sizes -> sizes.partition));
    return assign(partitions, tasks, limit, doneKeys);
  }

  private static Iterator<Sizes> sizes(
      int partition, Iterator<Document> documents, boolean keyed, String configuration) {
    long[] bytes = new long[16];
    long[] ids = new long[keyed ? 16 : 0];
    long[] keys = new long[keyed ? 16 : 0];
    List<String> firstIds = new ArrayList<>();
    int count = 0;
    while (documents.hasNext()) {
      Document document = documents.next();
      if (count == bytes.length) {
        bytes = Arrays.copyOf(bytes, count * 2);
        ids = Arrays.copyOf(ids, keyed ? count * 2 : 0);
        keys = Arrays.copyOf(keys, keyed ? count * 2 : 0);
      }
      if (keyed) {
        ids[count] = DocumentKeys.id(document.id());
        keys[count] =
            DocumentKeys.key(
                document.id(), DocumentKeys.contentHash(document.utf8()), configuration);
      }
      bytes[count++] = document.bytes();
      if (firstIds.size() < FIRST_IDS) {
        firstIds.add(document.id());
      }
    }
    return List.of(
            new Sizes(
                partition,
                Arrays.copyOf(bytes, count),
                firstIds.toArray(new String[0]),
                Arrays.copyOf(ids, keyed ? count : 0),
                Arrays.copyOf(keys, keyed ? count : 0)))
        .iterator();
  }

  private static CostPlan assign(List<Sizes> partitions, int tasks, long limit, long[] doneKeys) {
    record Place(int partition, int index, long bytes) {}
    List<Place> places = new ArrayList<>();
    List<String> firstIds = new ArrayList<>();
    int[][] taskOf = new int[partitions.size()][];
    long total = 0;
    long seen = 0;
    boolean keyed = doneKeys.length > 0;
    LongStream.Builder inputIds = LongStream.builder();
    LongStream.Builder inputKeys = LongStream.builder();
    for (Sizes sizes : partitions) {
      taskOf[sizes.partition] = new int[sizes.bytes.length];
      Arrays.fill(taskOf[sizes.partition], -1);
      for (int i = 0; i < sizes.bytes.length && seen < limit; i++) {
        seen++;
        if (i < sizes.firstIds.length && firstIds.size() < FIRST_IDS) {
          firstIds.add(sizes.firstIds[i]);
        }
        if (keyed) {
          inputIds.add(sizes.ids[i]);
          inputKeys.add(sizes.keys[i]);
          if (DocumentKeys.contains(doneKeys, sizes.keys[i])) {
            continue;
          }
        }
        places.add(new Place(sizes.partition, i, sizes.bytes[i]));
        total += sizes.bytes[i];
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
    return new CostPlan(
        taskOf,
        used,
        places.size(),
        total,
        firstIds,
        seen - places.size(),
        inputIds.build().sorted().toArray(),
        inputKeys.build().sorted().toArray());
  }

  /** Documents of the input that are done already. */
  long done() {
    return done;
  }

  /** Names of the input's documents, hashed and sorted; empty where nothing was done before. */
  long[] inputIds() {
    return inputIds;
  }

  /** Keys of the input's documents, sorted; empty where nothing was done before. */
  long[] inputKeys() {
    return inputKeys;
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
