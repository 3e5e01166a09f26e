package io.longreach.job.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longreach.job.input.Document;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class CostPlanTest {
  private static JavaSparkContext spark;

  @BeforeAll
  static void start() {
    spark =
        new JavaSparkContext(
            new SparkConf()
                .setMaster("local[2]")
                .setAppName("CostPlanTest")
                .set("spark.ui.enabled", "false")
                .set("spark.driver.host", "localhost")
                .set("spark.driver.bindAddress", "127.0.0.1"));
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  @Test
  void everyDocumentHasOneTaskAndTheTasksWeighTheSame() {
    Random random = new Random(5);
    int[] bytes = IntStream.range(0, 200).map(i -> 1 + random.nextInt(50_000)).toArray();
    CostPlan plan = plan(bytes, 7, 8, Integer.MAX_VALUE);
    assertEquals(8, plan.tasks());
    assertEquals(200, plan.totals().documents());
    assertEquals(IntStream.of(bytes).asLongStream().sum(), plan.totals().bytes());
    long[] loads = loads(plan, bytes, 7);
    long largest = 0;
    for (long load : loads) {
      largest = Math.max(largest, load);
    }
    assertTrue(
        largest <= 1.01 * plan.totals().bytes() / 8,
        "the largest of 8 tasks has " + largest + " of " + plan.totals().bytes() + " bytes");
  }

  @Test
  void aGiantHasATaskOfItsOwn() {
    int[] bytes = {10, 10, 1_000_000, 10, 10, 10};
    CostPlan plan = plan(bytes, 2, 3, Integer.MAX_VALUE);
    int giants = plan.taskOf(0, 2);
    for (int index : new int[] {0, 1}) {
      assertTrue(plan.taskOf(0, index) != giants, "document " + index + " beside the giant");
    }
    for (int index : new int[] {0, 1, 2}) {
      assertTrue(plan.taskOf(1, index) != giants, "document " + (3 + index) + " beside the giant");
    }
  }

  @Test
  void emptyDocumentsAreSharedOutToo() {
    CostPlan plan = plan(new int[100], 2, 4, Integer.MAX_VALUE);
    int[] documents = new int[4];
    for (int i = 0; i < 100; i++) {
      documents[plan.taskOf(i / 50, i % 50)]++;
    }
    for (int task = 0; task < 4; task++) {
      assertEquals(25, documents[task], "documents of task " + task);
    }
  }

  @Test
  void aLimitTakesTheFirstDocuments() {
    CostPlan plan = plan(new int[] {5, 6, 7, 8, 9}, 2, 10, 3);
    assertEquals(3, plan.totals().documents());
    assertEquals(18, plan.totals().bytes());
    assertEquals(3, plan.tasks(), "no more tasks than documents");
    assertEquals(List.of("d0", "d1", "d2"), plan.firstIds());
    int planned = 0;
    // Two partitions: the first two documents, and the other three.
    int[][] places = {{0, 0}, {0, 1}, {1, 0}, {1, 1}, {1, 2}};
    for (int i = 0; i < 5; i++) {
      boolean has = plan.taskOf(places[i][0], places[i][1]) >= 0;
      assertEquals(i < 3, has, "document " + i);
      planned += has ? 1 : 0;
    }
    assertEquals(3, planned);
  }

  @Test
  void theSameInputGivesTheSamePlan() {
    int[] bytes = IntStream.range(0, 50).map(i -> i % 7 * 100).toArray();
    CostPlan one = plan(bytes, 3, 4, 40);
    CostPlan two = plan(bytes, 3, 4, 40);
    for (int partition = 0; partition < 3; partition++) {
      for (int index = 0; index < 16; index++) {
        assertEquals(one.taskOf(partition, index), two.taskOf(partition, index));
      }
    }
  }

  @Test
  void nothingIsNoDocuments() {
    CostPlan plan = plan(new int[0], 2, 4, 10);
    assertEquals(0, plan.totals().documents());
    assertEquals(List.of(), plan.firstIds());
  }

  /** A million documents are a few thousand runs, and their tasks weigh the same. */
  @Test
  void theDriverHoldsRunsAndNotDocuments() {
    int documents = 1_000_000;
    CostPlan plan =
        CostPlan.of(
            spark
                .parallelize(List.of(0, 1, 2, 3), 4)
                .flatMap(
                    part ->
                        IntStream.range(0, documents / 4)
                            .mapToObj(i -> Document.of("d" + i, TEXTS[i * 59 % TEXTS.length]))
                            .iterator()),
            request(64, Integer.MAX_VALUE));
    assertEquals(documents, plan.totals().documents());
    double[] costs = plan.taskCosts();
    double mean = DoubleStream.of(costs).average().orElseThrow();
    assertEquals(64, costs.length);
    assertEquals(1, DoubleStream.of(costs).max().orElseThrow() / mean, 0.02);
    assertTrue(plan.runs() <= 4 * 1024, "runs on the driver: " + plan.runs());
    assertEquals(100, plan.firstIds().size());
  }

  @Test
  void runsGrowWithTheDocumentsAndGiantsStayAlone() {
    PartitionRuns runs = new PartitionRuns(0, 16);
    for (int i = 0; i < 1000; i++) {
      boolean giant = i == 500;
      runs.add("d" + i, 10, giant ? 5000 : 10, giant ? 5000 : 10);
    }
    runs.finish();
    assertEquals(1000, runs.documents);
    assertTrue(runs.runs <= 16, runs.runs + " runs");
    long pending = 0;
    double cost = 0;
    for (int run = 0; run < runs.runs; run++) {
      assertEquals(runs.pending[run], runs.end(run) - runs.first[run], "documents of run " + run);
      pending += runs.pending[run];
      cost += runs.costs[run];
      if (runs.costs[run] >= 5000) {
        assertEquals(1, runs.pending[run], "documents beside the giant");
      }
    }
    assertEquals(1000, pending);
    assertEquals(9990 + 5000, cost, 1e-9);
  }

  /** More tasks than this would only wait for the longest document. */
  @Test
  void tasksAreAsManyAsTheLongestDocumentAllows() {
    int[] bytes = new int[60];
    java.util.Arrays.fill(bytes, 1000);
    bytes[7] = 20_000;
    CostPlan plan =
        CostPlan.of(
            spark.parallelize(documents(bytes), 3),
            new CostPlan.Request(
                TokenCount.bytes(),
                CostModel.linear(),
                document -> false,
                Optional.empty(),
                2,
                Integer.MAX_VALUE));
    assertEquals(3, plan.tasks(), "79,000 over 20,000");
    double[] costs = plan.taskCosts();
    double mean = DoubleStream.of(costs).average().orElseThrow();
    assertTrue(DoubleStream.of(costs).max().orElseThrow() <= 1.3 * mean);
  }

  @Test
  void whatIsDoneIsNotPlanned() {
    int[] bytes = {10, 20, 30, 40, 50, 60};
    CostPlan plan =
        CostPlan.of(
            spark.parallelize(documents(bytes), 2),
            new CostPlan.Request(
                TokenCount.bytes(),
                CostModel.linear(),
                document -> document.bytes() % 20 == 0,
                Optional.of(2),
                2,
                Integer.MAX_VALUE));
    assertEquals(3, plan.totals().documents());
    assertEquals(3, plan.totals().done());
    assertEquals(90, plan.totals().bytes());
    assertEquals(90, plan.totals().tokens());
  }

  private static final byte[][] TEXTS =
      IntStream.range(0, 997).mapToObj(byte[]::new).toArray(byte[][]::new);

  private static List<Document> documents(int[] bytes) {
    List<Document> documents = new ArrayList<>();
    for (int i = 0; i < bytes.length; i++) {
      documents.add(Document.of("d" + i, new byte[bytes[i]]));
    }
    return documents;
  }

  private static CostPlan plan(int[] bytes, int partitions, int tasks, int limit) {
    return CostPlan.of(spark.parallelize(documents(bytes), partitions), request(tasks, limit));
  }

  private static CostPlan.Request request(int tasks, int limit) {
    return new CostPlan.Request(
        TokenCount.bytes(), CostModel.linear(), document -> false, Optional.of(tasks), 2, limit);
  }

  /** Bytes of each task; Spark cuts a list evenly, in order. */
  private static long[] loads(CostPlan plan, int[] bytes, int partitions) {
    long[] loads = new long[plan.tasks()];
    for (int partition = 0; partition < partitions; partition++) {
      int first = partition * bytes.length / partitions;
      int last = (partition + 1) * bytes.length / partitions;
      for (int i = first; i < last; i++) {
        loads[plan.taskOf(partition, i - first)] += bytes[i];
      }
    }
    return loads;
  }
}
