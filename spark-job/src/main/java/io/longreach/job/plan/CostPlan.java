package io.longreach.job.plan;

import io.longreach.job.input.Document;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;
import org.apache.spark.api.java.JavaRDD;

/**
 * Which task embeds which document: heaviest first, each to the task that has least so far, so that
 * the tasks are equal in cost and not in documents.
 *
 * <p>Documents are told by their name and text, not by their place: an input may give its rows in
 * another order each time it is read, as Spark does behind a shuffle, and a part of it may be read
 * again when an executor is lost. Equal documents have one task. The driver holds the {@value
 * #HEAVIEST} heaviest documents, or {@value #PLACES_PER_TASK} for each task where that is more, and
 * {@value #BUCKETS} buckets of all others.
 */
public final class CostPlan implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final int BUCKETS = 1 << 14;
  private static final int HEAVIEST = 1 << 12;
  private static final int PLACES_PER_TASK = 64;
  private static final int TASKS_PER_CORE = 4;

  /** Some minutes of one core: what a task that dies has to do again. */
  private static final double FLOPS_PER_TASK = 1.5e13;

  private final long[] heaviest;
  private final int[] taskOfHeaviest;
  private final int[] taskOfBucket;
  private final int[] planned;
  private final int tasks;
  private final transient Totals totals;
  private final transient double[] taskCosts;
  private final transient List<String> firstIds;

  /** Whether a document is done already. */
  @FunctionalInterface
  public interface Done extends Serializable {
    boolean contains(Document document);
  }

  /**
   * How to plan.
   *
   * @param tasks tasks to cut the work into; by the work and the cores if not given
   * @param limit plan only the first so many documents, if given
   */
  public record Request(
      TokenCount counts,
      CostModel costs,
      Done done,
      Optional<Integer> tasks,
      int cores,
      Optional<Integer> limit) {}

  private CostPlan(
      long[] heaviest,
      int[] taskOfHeaviest,
      int[] taskOfBucket,
      int[] planned,
      double[] taskCosts,
      DocumentCosts costs) {
    this.heaviest = heaviest;
    this.taskOfHeaviest = taskOfHeaviest;
    this.taskOfBucket = taskOfBucket;
    this.planned = planned;
    this.tasks = taskCosts.length;
    this.taskCosts = taskCosts;
    this.totals = costs.totals;
    this.firstIds = costs.firstIds();
  }

  /** Classes that travel between driver and executors, for Kryo. */
  public static List<Class<?>> serializedClasses() {
    return List.of(CostPlan.class, DocumentCosts.class, Totals.class);
  }

  /** Reads the input once, and plans what is not done yet. */
  public static CostPlan of(JavaRDD<Document> documents, Request request) {
    int[] planned = request.limit().map(limit -> first(documents, limit)).orElse(new int[0]);
    int wanted = request.tasks().orElse(request.cores() * TASKS_PER_CORE);
    int places = Integer.highestOneBit(Math.min(1 << 20, PLACES_PER_TASK * wanted));
    int buckets = Math.max(BUCKETS, places);
    int most = Math.max(HEAVIEST, places);
    TokenCount counts = request.counts();
    CostModel costs = request.costs();
    Done done = request.done();
    if (documents.getNumPartitions() == 0) {
      return assign(new DocumentCosts(buckets, most), planned, request);
    }
    return assign(
        documents
            .mapPartitionsWithIndex(
                (partition, these) ->
                    costs(
                        new DocumentCosts(buckets, most),
                        partition,
                        planned.length == 0 ? Integer.MAX_VALUE : planned[partition],
                        these,
                        counts,
                        costs,
                        done),
                true)
            .treeReduce(DocumentCosts::add),
        planned,
        request);
  }

  /** How many documents of each partition the first so many are. */
  private static int[] first(JavaRDD<Document> documents, int limit) {
    int[] counts = new int[documents.getNumPartitions()];
    int left = limit;
    for (int[] count :
        documents
            .mapPartitionsWithIndex((partition, these) -> count(partition, these, limit), true)
            .collect()) {
      counts[count[0]] = count[1];
    }
    for (int partition = 0; partition < counts.length; partition++) {
      counts[partition] = Math.min(counts[partition], left);
      left -= counts[partition];
    }
    return counts;
  }

  private static Iterator<int[]> count(int partition, Iterator<Document> documents, int limit) {
    int count = 0;
    for (; count < limit && documents.hasNext(); count++) {
      documents.next();
    }
    return List.of(new int[] {partition, count}).iterator();
  }

  private static Iterator<DocumentCosts> costs(
      DocumentCosts all,
      int partition,
      int planned,
      Iterator<Document> documents,
      TokenCount counts,
      CostModel costs,
      Done done) {
    TokenCount.Counter counter = counts.open();
    for (int index = 0; index < planned && documents.hasNext(); index++) {
      Document document = documents.next();
      if (done.contains(document)) {
        all.addDone(partition, document);
      } else {
        long tokens = counter.tokens(document);
        all.add(partition, document, tokens, costs.cost(tokens));
      }
    }
    return List.of(all).iterator();
  }

  private record Load(int task, double cost) {}

  private static CostPlan assign(DocumentCosts costs, int[] planned, Request request) {
    List<DocumentCosts.Place> places = costs.places();
    long[] heaviest =
        places.stream()
            .filter(place -> place.bucket() < 0)
            .mapToLong(DocumentCosts.Place::hash)
            .toArray();
    double[] taskCosts = new double[taskCount(costs.totals, places.size(), request)];
    int[] taskOfHeaviest = new int[heaviest.length];
    int[] taskOfBucket = new int[costs.buckets()];
    // An empty bucket has a task too: for what the input gives beyond what was planned.
    Arrays.setAll(taskOfBucket, bucket -> bucket % taskCosts.length);
    PriorityQueue<Load> least =
        new PriorityQueue<>(Comparator.comparingDouble(Load::cost).thenComparingInt(Load::task));
    for (int task = 0; task < taskCosts.length; task++) {
      least.add(new Load(task, 0));
    }
    List<DocumentCosts.Place> heaviestFirst = new ArrayList<>(places);
    heaviestFirst.sort(Comparator.comparingDouble(DocumentCosts.Place::cost).reversed());
    for (DocumentCosts.Place place : heaviestFirst) {
      Load load = least.remove();
      if (place.bucket() < 0) {
        taskOfHeaviest[Arrays.binarySearch(heaviest, place.hash())] = load.task();
      } else {
        taskOfBucket[place.bucket()] = load.task();
      }
      taskCosts[load.task()] = load.cost() + place.cost();
      least.add(new Load(load.task(), taskCosts[load.task()]));
    }
    return new CostPlan(heaviest, taskOfHeaviest, taskOfBucket, planned, taskCosts, costs);
  }

  /**
   * A few for each core, more where one would take too long to do again, and not so many that the
   * longest document alone would outweigh the others. As many for each core: of equal tasks one
   * that is over keeps all other cores waiting for it.
   */
  private static int taskCount(Totals totals, int places, Request request) {
    double wanted = totals.cost / FLOPS_PER_TASK / request.cores();
    double even = totals.cost / Math.max(1, totals.largestCost) / request.cores();
    double perCore = Math.min(Math.max(TASKS_PER_CORE, Math.ceil(wanted)), Math.floor(even));
    double chosen = request.cores() * Math.max(1, perCore);
    int asked = request.tasks().orElse((int) Math.min(Integer.MAX_VALUE, chosen));
    return Math.max(1, Math.min(asked, places));
  }

  /** The task of a document: the same for all that equal it in name and text. */
  public int taskOf(Document document) {
    long hash = document.hash();
    int at = Arrays.binarySearch(heaviest, hash);
    return at >= 0
        ? taskOfHeaviest[at]
        : taskOfBucket[DocumentCosts.bucket(hash, taskOfBucket.length)];
  }

  /** Whether the document read at {@code index} of {@code partition} is within the limit. */
  public boolean isPlanned(int partition, int index) {
    return planned.length == 0 || index < planned[partition];
  }

  /** Documents and buckets that the driver has held. */
  int places() {
    return heaviest.length + taskOfBucket.length;
  }

  public int tasks() {
    return tasks;
  }

  public Totals totals() {
    return totals;
  }

  /** Predicted cost of each task. */
  public double[] taskCosts() {
    return taskCosts.clone();
  }

  /** Names of the first documents in the input's order. */
  public List<String> firstIds() {
    return firstIds;
  }
}
