package io.longreach.job.embed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longreach.job.input.Document;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
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
    assertEquals(200, plan.documents());
    assertEquals(IntStream.of(bytes).asLongStream().sum(), plan.bytes());
    long[] loads = loads(plan, bytes, 7);
    long largest = 0;
    for (long load : loads) {
      largest = Math.max(largest, load);
    }
    assertTrue(
        largest <= 1.01 * plan.bytes() / 8,
        "the largest of 8 tasks has " + largest + " of " + plan.bytes() + " bytes");
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
    assertEquals(3, plan.documents());
    assertEquals(18, plan.bytes());
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
    assertEquals(0, plan.documents());
    assertEquals(List.of(), plan.firstIds());
  }

  private static CostPlan plan(int[] bytes, int partitions, int tasks, int limit) {
    List<Document> documents = new ArrayList<>();
    for (int i = 0; i < bytes.length; i++) {
      documents.add(Document.of("d" + i, new byte[bytes[i]]));
    }
    return CostPlan.of(spark.parallelize(documents, partitions), tasks, limit);
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
