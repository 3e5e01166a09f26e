package io.longreach.job.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longreach.job.input.Document;
import java.util.ArrayList;
import java.util.Collections;
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
    CostPlan plan = plan(bytes, 7, 8);
    assertEquals(8, plan.tasks());
    assertEquals(200, plan.totals().documents());
    assertEquals(IntStream.of(bytes).asLongStream().sum(), plan.totals().bytes());
    long[] loads = loads(plan, bytes);
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
    CostPlan plan = plan(bytes, 2, 3);
    List<Document> documents = documents(bytes);
    int giants = plan.taskOf(documents.get(2));
    for (int index : new int[] {0, 1, 3, 4, 5}) {
      assertTrue(plan.taskOf(documents.get(index)) != giants, index + " beside the giant");
    }
  }

  @Test
  void emptyDocumentsAreSharedOutToo() {
    CostPlan plan = plan(new int[100], 2, 4);
    int[] documents = new int[4];
    documents(new int[100]).forEach(document -> documents[plan.taskOf(document)]++);
    for (int task = 0; task < 4; task++) {
      assertEquals(25, documents[task], "documents of task " + task);
    }
  }

  @Test
  void aLimitTakesTheFirstDocuments() {
    CostPlan plan = plan(new int[] {5, 6, 7, 8, 9}, 2, 10, Optional.of(3));
    assertEquals(3, plan.totals().documents());
    assertEquals(18, plan.totals().bytes());
    assertEquals(3, plan.tasks(), "no more tasks than documents");
    assertEquals(List.of("d0", "d1", "d2"), plan.firstIds());
    // Two partitions: the first two documents, and the other three.
    int[][] places = {{0, 0}, {0, 1}, {1, 0}, {1, 1}, {1, 2}};
    for (int i = 0; i < 5; i++) {
      assertEquals(i < 3, plan.isPlanned(places[i][0], places[i][1]), "document " + i);
    }
  }

  /** As behind a shuffle, whose blocks come in another order each time. */
  @Test
  void theOrderAndThePartitionsDoNotMatter() {
    int[] bytes = IntStream.range(0, 50).map(i -> i % 7 * 100).toArray();
    CostPlan one = plan(bytes, 3, 4);
    List<Document> shuffled = documents(bytes);
    Collections.shuffle(shuffled, new Random(1));
    CostPlan two = CostPlan.of(spark.parallelize(shuffled, 5), request(4, Optional.empty()));
    for (Document document : shuffled) {
      assertEquals(one.taskOf(document), two.taskOf(document), document.id());
    }
  }

  @Test
  void equalDocumentsHaveOneTaskAndEveryDocumentHasOne() {
    List<Document> twice = documents(new int[] {10, 20, 30, 40});
    twice.add(Document.of("d1", new byte[20]));
    CostPlan plan = CostPlan.of(spark.parallelize(twice, 5), request(4, Optional.empty()));
    assertEquals(5, plan.totals().documents());
    assertEquals(plan.taskOf(twice.get(1)), plan.taskOf(twice.get(4)));
    assertEquals(40, DoubleStream.of(plan.taskCosts()).max().orElseThrow(), 20);
    for (int i = 0; i < 1000; i++) {
      int task = plan.taskOf(Document.of("unseen " + i, new byte[i]));
      assertTrue(task >= 0 && task < 4, "task " + task);
    }
  }

  @Test
  void nothingIsNoDocuments() {
    CostPlan plan = plan(new int[0], 2, 4);
    assertEquals(0, plan.totals().documents());
    assertEquals(List.of(), plan.firstIds());
  }

  /** The driver does not hold a million documents, and their tasks weigh the same. */
  @Test
  void theDriverHoldsBucketsAndNotDocuments() {
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
            request(64, Optional.empty()));
    assertEquals(documents, plan.totals().documents());
    double[] costs = plan.taskCosts();
    double mean = DoubleStream.of(costs).average().orElseThrow();
    assertEquals(64, costs.length);
    assertEquals(1, DoubleStream.of(costs).max().orElseThrow() / mean, 0.02);
    assertTrue(plan.places() <= 30_000, "places on the driver: " + plan.places());
    assertEquals(100, plan.firstIds().size());
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
                Optional.empty()));
    assertEquals(2, plan.tasks(), "79,000 over 20,000 are not 4");
    double[] costs = plan.taskCosts();
    double mean = DoubleStream.of(costs).average().orElseThrow();
    assertTrue(DoubleStream.of(costs).max().orElseThrow() <= 1.3 * mean);
  }

  /** Tasks are equal: one that is over would keep all other cores waiting for it. */
  @Test
  void everyCoreHasAsManyTasks() {
    int[] bytes = new int[300];
    java.util.Arrays.fill(bytes, 1000);
    for (int cores = 1; cores <= 8; cores++) {
      CostPlan plan =
          CostPlan.of(
              spark.parallelize(documents(bytes), 3),
              new CostPlan.Request(
                  TokenCount.bytes(),
                  CostModel.linear(1e9),
                  document -> false,
                  Optional.empty(),
                  cores,
                  Optional.empty()));
      assertEquals(0, plan.tasks() % cores, plan.tasks() + " tasks on " + cores + " cores");
      assertTrue(plan.tasks() >= 3e14 / 1.5e13, plan.tasks() + " tasks for 3e14 FLOPs");
    }
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
                Optional.empty()));
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

  private static CostPlan plan(int[] bytes, int partitions, int tasks) {
    return plan(bytes, partitions, tasks, Optional.empty());
  }

  private static CostPlan plan(int[] bytes, int partitions, int tasks, Optional<Integer> limit) {
    return CostPlan.of(spark.parallelize(documents(bytes), partitions), request(tasks, limit));
  }

  private static CostPlan.Request request(int tasks, Optional<Integer> limit) {
    return new CostPlan.Request(
        TokenCount.bytes(), CostModel.linear(), document -> false, Optional.of(tasks), 2, limit);
  }

  /** Bytes of each task. */
  private static long[] loads(CostPlan plan, int[] bytes) {
    long[] loads = new long[plan.tasks()];
    documents(bytes).forEach(document -> loads[plan.taskOf(document)] += document.bytes());
    return loads;
  }
}
