package io.longreach.udfs.dataset;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longreach.udfs.map.ArrowFunction;
import io.longreach.udfs.sql.TestSessions;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.util.ArrowUtils;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Functions over Arrow batches in real plans: results, bounds, and memory that always ends. */
class MapInArrowTest {
  private static final StructType LENGTHS = StructType.fromDDL("id BIGINT, length BIGINT");
  private static final String ROWS =
      "SELECT id, IF(id % 7 = 3, NULL, repeat('ä', int(id))) AS text FROM range(0, COUNT, 1, 3)";

  private static SparkSession spark;
  private static final CountDownLatch RUNNING = new CountDownLatch(1);

  @BeforeAll
  static void start() {
    spark = TestSessions.open();
  }

  /** Whatever a test did, no Arrow memory is left. */
  @AfterEach
  void nothingIsLeft() throws InterruptedException {
    long limit = System.nanoTime() + TimeUnit.SECONDS.toNanos(5);
    while (ArrowUtils.rootAllocator().getAllocatedMemory() > 0 && System.nanoTime() < limit) {
      Thread.sleep(20);
    }
    assertEquals(0, ArrowUtils.rootAllocator().getAllocatedMemory());
  }

  private static Dataset<Row> rows(int count) {
    return spark.sql(ROWS.replace("COUNT", String.valueOf(count)));
  }

  /** Ids with the bytes of their texts; a batch of its own for each that comes in. */
  private static VectorSchemaRoot lengths(VectorSchemaRoot batch, BufferAllocator allocator) {
    BigIntVector ids = (BigIntVector) batch.getVector("id");
    VarCharVector texts = (VarCharVector) batch.getVector("text");
    BigIntVector id = new BigIntVector("id", allocator);
    BigIntVector length = new BigIntVector("length", allocator);
    for (int row = 0; row < batch.getRowCount(); row++) {
      id.setSafe(row, ids.get(row));
      if (texts.isNull(row)) {
        length.setNull(row);
      } else {
        length.setSafe(row, new String(texts.get(row), StandardCharsets.UTF_8).length());
      }
    }
    VectorSchemaRoot result = VectorSchemaRoot.of(id, length);
    result.setRowCount(batch.getRowCount());
    return result;
  }

  @Test
  void aFunctionOfBatchesIsAnOrdinaryDataset() {
    Dataset<Row> mapped =
        Longreach.mapInArrow(rows(50), LENGTHS, ArrowFunction.each(MapInArrowTest::lengths));
    assertEquals("struct<id:bigint,length:bigint>", mapped.schema().simpleString());
    List<String> expected =
        rows(50).selectExpr("id", "length(text)").collectAsList().stream()
            .map(Row::toString)
            .toList();
    for (String codegen : List.of("true", "false")) {
      spark.conf().set("spark.sql.codegen.wholeStage", codegen);
      spark.conf().set("spark.sql.adaptive.enabled", codegen);
      assertEquals(expected, mapped.collectAsList().stream().map(Row::toString).toList());
      assertEquals(8, mapped.where("length IS NULL").count() + 1);
      assertEquals(50, mapped.join(mapped, "id").count(), "a self-join");
      assertEquals(100, mapped.union(mapped).count());
      assertEquals(
          50, mapped.select("length").repartition(2).count(), "columns that are pruned above");
    }
    spark.conf().set("spark.sql.codegen.wholeStage", "true");
    String plan = mapped.queryExecution().executedPlan().toString();
    assertTrue(plan.contains("MapInArrow"), plan);
  }

  @Test
  void theSameBatchMayComeBackAndAnyTypesTravel() {
    Dataset<Row> all =
        spark.sql(
            "SELECT id, string(id) s, double(id) d, array(float(id), NULL) a, map('k', int(id)) m,"
                + " named_struct('x', id, 'y', date'2020-01-01') st, decimal(id) dec,"
                + " timestamp'2020-01-01 00:00:00' ts, CAST('ab' AS BINARY) b, id = 2 bo FROM"
                + " range(5)");
    ArrowFunction same = (batches, allocator) -> batches;
    Dataset<Row> mapped = Longreach.mapInArrow(all, all.schema(), same);
    assertEquals(all.drop("b").collectAsList(), mapped.drop("b").collectAsList());
  }

  @Test
  void batchesAreBoundedByRowsAndBytes() {
    ArrowFunction counts =
        ArrowFunction.each(
            (batch, allocator) -> {
              BigIntVector rows = new BigIntVector("rows", allocator);
              rows.setSafe(0, batch.getRowCount());
              VectorSchemaRoot result = VectorSchemaRoot.of(rows);
              result.setRowCount(1);
              return result;
            });
    StructType schema = StructType.fromDDL("rows BIGINT");
    Dataset<Row> input = spark.range(0, 10, 1, 1).selectExpr("repeat('x', 1000) AS text");
    spark.conf().set("spark.sql.execution.arrow.maxRecordsPerBatch", "4");
    try {
      assertEquals(
          "[[4], [4], [2]]",
          Longreach.mapInArrow(input, schema, counts).collectAsList().toString());
      spark.conf().set("spark.sql.execution.arrow.maxBytesPerBatch", "2500");
      assertEquals(
          "[[3], [3], [3], [1]]",
          Longreach.mapInArrow(input, schema, counts).collectAsList().toString());
      assertEquals(
          "[]", Longreach.mapInArrow(input.limit(0), schema, counts).collectAsList().toString());
    } finally {
      spark.conf().unset("spark.sql.execution.arrow.maxRecordsPerBatch");
      spark.conf().unset("spark.sql.execution.arrow.maxBytesPerBatch");
    }
  }

  @Test
  void aLimitLeavesNothingOpen() {
    Dataset<Row> mapped =
        Longreach.mapInArrow(rows(2000), LENGTHS, ArrowFunction.each(MapInArrowTest::lengths));
    spark.conf().set("spark.sql.execution.arrow.maxRecordsPerBatch", "10");
    try {
      assertEquals(3, mapped.limit(3).collectAsList().size());
      assertEquals(1, mapped.takeAsList(1).size());
    } finally {
      spark.conf().unset("spark.sql.execution.arrow.maxRecordsPerBatch");
    }
  }

  @Test
  void aFailureIsToldAndLeavesNothingOpen() {
    ArrowFunction fails =
        ArrowFunction.each(
            (batch, allocator) -> {
              throw new IllegalStateException("no more");
            });
    assertReason("no more", Longreach.mapInArrow(rows(20), LENGTHS, fails));
    ArrowFunction failsAtOnce =
        (batches, allocator) -> {
          throw new IllegalStateException("not at all");
        };
    assertReason("not at all", Longreach.mapInArrow(rows(20), LENGTHS, failsAtOnce));
  }

  @Test
  void aResultOfAnotherSchemaIsRefused() {
    ArrowFunction lengths = ArrowFunction.each(MapInArrowTest::lengths);
    assertReason(
        "must return column 1, length, as STRING, returned BIGINT",
        Longreach.mapInArrow(rows(5), StructType.fromDDL("id BIGINT, length STRING"), lengths));
    assertReason(
        "must return the 1 columns that were declared, returned 2",
        Longreach.mapInArrow(rows(5), StructType.fromDDL("id BIGINT"), lengths));
    assertThrows(
        IllegalArgumentException.class,
        () -> Longreach.mapInArrow(rows(5), StructType.fromDDL("a INT, a INT"), lengths));
  }

  @Test
  void aLeakFailsTheTask() {
    ArrowFunction leaks =
        (batches, allocator) -> {
          new BigIntVector("leak", allocator).allocateNew(10);
          return List.<VectorSchemaRoot>of().iterator();
        };
    Dataset<Row> mapped = Longreach.mapInArrow(rows(2).coalesce(1), LENGTHS, leaks);
    assertReason("leak", mapped);
    // The task's allocator is closed and can take nothing back, so that the root has to forget it.
    RootAllocator root = (RootAllocator) ArrowUtils.rootAllocator();
    root.releaseBytes(root.getAllocatedMemory());
  }

  @Test
  void cancellingEndsTheFunctionAndFreesItsMemory() throws InterruptedException {
    ArrowFunction endless = (batches, allocator) -> new Endless(batches, allocator);
    Dataset<Row> mapped = Longreach.mapInArrow(rows(3), LENGTHS, endless);
    Thread query = new Thread(() -> assertThrows(Exception.class, mapped::count));
    query.start();
    assertTrue(RUNNING.await(60, TimeUnit.SECONDS));
    spark.sparkContext().cancelAllJobs();
    query.join(TimeUnit.SECONDS.toMillis(30));
    assertTrue(!query.isAlive(), "the query goes on after it was cancelled");
  }

  /** Repeats its first batch for ever; what it holds ends with the task. */
  private static final class Endless implements Iterator<VectorSchemaRoot>, AutoCloseable {
    private final VectorSchemaRoot first;
    private final BufferAllocator allocator;

    Endless(Iterator<VectorSchemaRoot> batches, BufferAllocator allocator) {
      this.allocator = allocator;
      this.first = batches.hasNext() ? lengths(batches.next(), allocator) : null;
    }

    @Override
    public boolean hasNext() {
      return first != null;
    }

    @Override
    public VectorSchemaRoot next() {
      if (first == null) {
        throw new NoSuchElementException();
      }
      RUNNING.countDown();
      BigIntVector id = new BigIntVector("id", allocator);
      BigIntVector length = new BigIntVector("length", allocator);
      id.setSafe(0, 1);
      length.setSafe(0, 2);
      VectorSchemaRoot result = VectorSchemaRoot.of(id, length);
      result.setRowCount(1);
      return result;
    }

    @Override
    public void close() {
      if (first != null) {
        first.close();
      }
    }
  }

  private static void assertReason(String reason, Dataset<Row> mapped) {
    Exception failure = assertThrows(Exception.class, mapped::collectAsList);
    StringBuilder told = new StringBuilder();
    for (Throwable t = failure; t != null; t = t.getCause()) {
      told.append(t).append('\n');
    }
    assertTrue(told.toString().contains(reason), told.toString());
  }
}
