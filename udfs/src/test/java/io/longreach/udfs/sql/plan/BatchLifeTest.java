package io.longreach.udfs.sql.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longreach.udfs.WordEmbedder;
import io.longreach.udfs.arrow.TaskMemory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.arrow.memory.BufferAllocator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** However a query ends, its tasks end and their Arrow memory goes back. */
class BatchLifeTest {
  @TempDir static Path folder;
  private static PlanSession session;

  @BeforeAll
  static void start() {
    session = new PlanSession(folder);
    session.tables(2);
  }

  @AfterAll
  static void stop() {
    session.close();
  }

  /** Whether batches leave as columns, and not as rows. */
  boolean columns() {
    return false;
  }

  @BeforeEach
  void choosePath() {
    session.spark.conf().set(ColumnsWanted.KEY, columns());
  }

  @AfterEach
  void everyTaskGaveItsMemoryBack() throws InterruptedException {
    BufferAllocator root = TaskMemory.allocator();
    // The driver hears of a task's end before the executor has ended it.
    for (int i = 0; i < 500 && !root.getChildAllocators().isEmpty(); i++) {
      Thread.sleep(10);
    }
    assertEquals(List.of(), List.copyOf(root.getChildAllocators()), "allocators still open");
    assertEquals(0, root.getAllocatedMemory(), "bytes left");
  }

  @Test
  void afterALimit() {
    session.spark.conf().set("spark.longreach.sql.batchTokens", 4);
    try {
      assertEquals(
          3, session.rows("SELECT embed(text) FROM docs WHERE embed(text)[0] < 9 LIMIT 3").size());
    } finally {
      session.spark.conf().unset("spark.longreach.sql.batchTokens");
    }
  }

  @Test
  void afterATextThatFails() {
    String sql = "SELECT id, embed(IF(id = 3, 'this is poison', text)%s) FROM docs";
    Exception failure = assertThrows(Exception.class, () -> session.rows(sql.formatted("")));
    assertTrue(failure.toString().contains("this text is poison"), failure.toString());
    assertEquals(24, session.rows(sql.formatted(", on_error => 'null'")).size());
    String column = session.rows(sql.formatted(", on_error => 'column'")).get(3);
    assertEquals("[3,[null,this text is poison]]", column);
  }

  @Test
  void aTextThatFailsWhereNobodyWantsItFailsNothing() {
    String poisoned = "(SELECT id, IF(id = 3, 'this is poison', text) AS text FROM docs)";
    assertEquals(23, session.rows("SELECT embed(text) FROM " + poisoned + " WHERE id <> 3").size());
    assertEquals(24, session.rows("SELECT IF(id <> 3, embed(text), NULL) FROM " + poisoned).size());
    assertEquals(
        19,
        session
            .rows(
                "SELECT embed(text) FROM "
                    + poisoned
                    + " WHERE embed(text, on_error => 'null') IS NOT NULL")
            .size());
  }

  @Test
  void afterAnErrorThatIsNotATexts() {
    assertThrows(
        Exception.class,
        () -> session.rows("SELECT embed(concat(text, ' " + WordEmbedder.FATAL + "')) FROM docs"));
  }

  @Test
  void afterTheConsumerFails() {
    assertThrows(
        Exception.class,
        () -> session.rows("SELECT assert_true(embed(text)[0] > 9), id FROM docs"));
  }

  @Test
  void cancellingEndsTheTasksWithinSeconds() throws Exception {
    ExecutorService background = Executors.newSingleThreadExecutor();
    try {
      Future<?> query =
          background.submit(
              () -> {
                session.spark.sparkContext().setJobGroup("slow", "to be cancelled", false);
                session.rows("SELECT embed(concat(text, ' " + WordEmbedder.SLOW + "')) FROM docs");
              });
      while (TaskMemory.allocator().getAllocatedMemory() == 0) {
        Thread.sleep(20);
      }
      long start = System.nanoTime();
      session.spark.sparkContext().cancelJobGroup("slow");
      ExecutionException failure = assertThrows(ExecutionException.class, query::get);
      assertTrue(failure.toString().contains("cancelled"), failure.toString());
      while (!TaskMemory.allocator().getChildAllocators().isEmpty()) {
        Thread.sleep(20);
      }
      Duration took = Duration.ofNanos(System.nanoTime() - start);
      assertTrue(took.compareTo(Duration.ofSeconds(5)) < 0, "tasks ended after " + took);
    } finally {
      background.shutdownNow();
    }
  }
}
