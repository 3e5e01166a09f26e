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
 * Which task embeds which document: runs of neighbouring documents, heaviest first, each to the
 * task that has least so far, so that the tasks are equal in cost and not in documents.
 *
 * <p>The driver holds runs, not documents: at most {@value #RUNS_PER_PARTITION} for each partition
 * of the input, or {@value #RUNS_PER_TASK} for each task where that is more.
 */
public final class CostPlan implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final int RUNS_PER_PARTITION = 1024;
  private static final int RUNS_PER_TASK = 64;
  private static final int FIRST_IDS = 100;
  private static final int TASKS_PER_CORE = 4;

  /** Some minutes of one core: what a task that dies has to do again. */
  private static final double FLOPS_PER_TASK = 1.5e13;

  private final int[][] firstOf;
  private final int[][] taskOf;
  private final int[] planned;
  private final int tasks;
  private final transient Totals totals;
  private final transient double[] taskCosts;
  private final transient List<String> firstIds;

  /** What is known of the input before anything is embedded. */
  public static final class Totals {
    long documents;
    long done;
    long bytes;
    long tokens;
    double cost;
    double largestCost;
    long largestTokens;
    final long[] lengths = new long[PartitionRuns.LENGTHS];

    /** Documents to embed. */
    public long documents() {
      return documents;
    }

    /** Documents of the input that are done already. */
    public long done() {
      return done;
    }

    public long bytes() {
      return bytes;
    }

    /** Of the documents to embed, counted or estimated. */
    public long tokens() {
      return tokens;
    }

    public long largestTokens() {
      return largestTokens;
    }

    /** Floating-point operations, and what documents cost beside them. */
    public double cost() {
      return cost;
    }

    /** Documents by tokens: entry i counts those of 2^i up to below 2^(i+1). */
    public long[] lengths() {
      return lengths.clone();
    }
  }

  /** Whether a document is done already. */
  @FunctionalInterface
  public interface Done extends Serializable {
    boolean contains(Document document);
  }

  /**
   * How to plan.
   *
   * @param tasks tasks to cut the work into; by the work and the cores if not given
   * @param limit plan only the first so many documents
   */
  public record Request(
      TokenCount counts,
      CostModel costs,
      Done done,
      Optional<Integer> tasks,
      int cores,
      long limit) {}

  private CostPlan(
      int[][] firstOf,
      int[][] taskOf,
      int[] planned,
      double[] taskCosts,
      Totals totals,
      List<String> firstIds) {
    this.firstOf = firstOf;
    this.taskOf = taskOf;
    this.planned = planned;
    this.tasks = taskCosts.length;
    this.taskCosts = taskCosts;
    this.totals = totals;
    this.firstIds = firstIds;
  }

  /** Classes that travel between driver and executors, for Kryo. */
  public static List<Class<?>> serializedClasses() {
    return List.of(CostPlan.class, PartitionRuns.class);
  }

  /** Reads the input once, and plans what is not done yet. */
  public static CostPlan of(JavaRDD<Document> documents, Request request) {
    int partitions = documents.getNumPartitions();
    int wanted = request.tasks().orElse(request.cores() * TASKS_PER_CORE);
    int most = Math.max(RUNS_PER_PARTITION, RUNS_PER_TASK * wanted / Math.max(1, partitions));
    TokenCount counts = request.counts();
    CostModel costs = request.costs();
    Done done = request.done();
    long limit = request.limit();
    List<PartitionRuns> runs =
        new ArrayList<>(
            documents
                .mapPartitionsWithIndex(
                    (partition, these) ->
                        runs(new PartitionRuns(partition, most), these, limit, counts, costs, done),
                    true)
                .collect());
    runs.sort(Comparator.comparingInt(these -> these.partition));
    return assign(runs, request);
  }

  private static Iterator<PartitionRuns> runs(
      PartitionRuns runs,
      Iterator<Document> documents,
      long limit,
      TokenCount counts,
      CostModel costs,
      Done done) {
    TokenCount.Counter counter = counts.open();
    while (runs.documents < limit && documents.hasNext()) {
      Document document = documents.next();
      if (done.contains(document)) {
        runs.addDone(document.id());
      } else {
        long tokens = counter.tokens(document);
        runs.add(document.id(), document.bytes(), tokens, costs.cost(tokens));
      }
    }
    return List.of(runs.finish()).iterator();
  }

  private record Place(int partition, int run, double cost) {}

  private record Load(int task, double cost) {}

  private static CostPlan assign(List<PartitionRuns> partitions, Request request) {
    Totals totals = new Totals();
    List<Place> places = new ArrayList<>();
    List<String> firstIds = new ArrayList<>();
    int[][] firstOf = new int[partitions.size()][];
    int[][] taskOf = new int[partitions.size()][];
    int[] planned = new int[partitions.size()];
    long left = request.limit();
    for (PartitionRuns runs : partitions) {
      int p = runs.partition;
      firstOf[p] = runs.first;
      taskOf[p] = new int[runs.runs];
      Arrays.fill(taskOf[p], -1);
      planned[p] = (int) Math.min(runs.documents, left);
      left -= planned[p];
      for (int i = 0; i < Math.min(planned[p], runs.firstIds().size()); i++) {
        if (firstIds.size() < FIRST_IDS) {
          firstIds.add(runs.firstIds().get(i));
        }
      }
      addRuns(runs, planned[p], totals, places);
    }
    double[] taskCosts = new double[taskCount(totals, places.size(), request)];
    share(places, taskCosts, taskOf);
    return new CostPlan(firstOf, taskOf, planned, taskCosts, totals, firstIds);
  }

  private static void addRuns(PartitionRuns runs, int planned, Totals totals, List<Place> places) {
    long pendingHere = 0;
    for (int run = 0; run < runs.runs && runs.first[run] < planned; run++) {
      int first = runs.first[run];
      double part = (double) (Math.min(planned, runs.end(run)) - first) / (runs.end(run) - first);
      pendingHere += Math.round(part * runs.pending[run]);
      totals.bytes += Math.round(part * runs.bytes[run]);
      totals.tokens += Math.round(part * runs.tokens[run]);
      totals.cost += part * runs.costs[run];
      totals.largestCost = Math.max(totals.largestCost, Math.min(runs.costs[run], runs.largest));
      if (runs.pending[run] > 0) {
        places.add(new Place(runs.partition, run, part * runs.costs[run]));
      }
    }
    totals.documents += pendingHere;
    totals.done += planned - pendingHere;
    totals.largestTokens = Math.max(totals.largestTokens, runs.largestTokens);
    for (int i = 0; i < runs.lengths.length; i++) {
      totals.lengths[i] += runs.lengths[i];
    }
  }

  /**
   * A few for each core, more where one would take too long to do again, and not so many that the
   * longest document alone would outweigh the others.
   */
  private static int taskCount(Totals totals, int places, Request request) {
    double few = request.cores() * (double) TASKS_PER_CORE;
    double wanted = Math.max(few, totals.cost / FLOPS_PER_TASK);
    double even = totals.cost / Math.max(1, totals.largestCost);
    double chosen = Math.max(request.cores(), Math.min(wanted, even));
    int asked = request.tasks().orElse((int) Math.min(Integer.MAX_VALUE, chosen));
    return Math.max(1, Math.min(asked, places));
  }

  private static void share(List<Place> places, double[] taskCosts, int[][] taskOf) {
    PriorityQueue<Load> least =
        new PriorityQueue<>(Comparator.comparingDouble(Load::cost).thenComparingInt(Load::task));
    for (int task = 0; task < taskCosts.length; task++) {
      least.add(new Load(task, 0));
    }
    places.sort(Comparator.comparingDouble(Place::cost).reversed());
    for (Place place : places) {
      Load load = least.remove();
      taskOf[place.partition()][place.run()] = load.task();
      taskCosts[load.task()] = load.cost() + place.cost();
      least.add(new Load(load.task(), taskCosts[load.task()]));
    }
  }

  /**
   * The task of the document read at {@code index} of {@code partition}, or -1 for none. A document
   * that is done may share the run, and so the task, of one that is not.
   */
  public int taskOf(int partition, int index) {
    if (!isPlanned(partition, index)) {
      return -1;
    }
    int at = Arrays.binarySearch(firstOf[partition], index);
    return taskOf[partition][at >= 0 ? at : -at - 2];
  }

  /** Whether the document read at {@code index} of {@code partition} is within the limit. */
  public boolean isPlanned(int partition, int index) {
    return index < planned[partition];
  }

  /** Runs of all partitions: what the driver holds. */
  int runs() {
    return Arrays.stream(taskOf).mapToInt(runs -> runs.length).sum();
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
