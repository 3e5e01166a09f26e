package io.longreach.udfs.arrow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longreach.encoders.Embedder;
import io.longreach.encoders.EmbedderOptions;
import io.longreach.udfs.Embedders;
import io.longreach.udfs.LongreachKryoRegistrator;
import io.longreach.udfs.WordEmbedder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkException;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The Arrow path inside the tasks of a real, local Spark. */
class TaskMemoryTest {
  private static JavaSparkContext spark;

  @BeforeAll
  static void start() {
    Embedders.openWith(options -> new WordEmbedder());
    spark =
        new JavaSparkContext(
            new SparkConf()
                .setMaster("local[2]")
                .setAppName("TaskMemoryTest")
                .set("spark.ui.enabled", "false")
                .set("spark.driver.host", "localhost")
                .set("spark.driver.bindAddress", "127.0.0.1")
                .set("spark.serializer", "org.apache.spark.serializer.KryoSerializer")
                .set("spark.kryo.registrationRequired", "true")
                .set("spark.kryo.registrator", LongreachKryoRegistrator.class.getName()));
  }

  @AfterAll
  static void stop() {
    spark.stop();
    Embedders.openWith(Embedder::open);
  }

  @AfterEach
  void everyTaskGaveItsMemoryBack() {
    BufferAllocator root = TaskMemory.allocator();
    assertEquals(List.of(), List.copyOf(root.getChildAllocators()), "allocators still open");
    assertEquals(0, root.getAllocatedMemory(), "bytes left");
  }

  @Test
  void afterSuccess() {
    JavaRDD<String> errors = embed(List.of("one", "two words", "", "four"), 3);
    assertEquals(List.of("", "", "text is empty", ""), errors.collect());
  }

  @Test
  void afterATaskThatStopsEarly() {
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      texts.add("text " + i);
    }
    assertEquals(List.of(""), embed(texts, 1).take(1));
  }

  @Test
  void afterATaskThatFailed() {
    JavaRDD<String> broken =
        embed(List.of("one", "two", "three", "four"), 1)
            .map(
                error -> {
                  throw new IllegalStateException("the output is gone");
                });
    Exception failure = assertThrows(SparkException.class, broken::count);
    assertTrue(failure.getMessage().contains("the output is gone"), failure.getMessage());
  }

  @Test
  void afterAnEmbedderThatFailed() {
    assertThrows(SparkException.class, () -> embed(List.of("one", WordEmbedder.FATAL), 1).count());
  }

  /** The error of each text, empty where there is none. */
  private static JavaRDD<String> embed(List<String> texts, int partitions) {
    return spark.parallelize(texts, partitions).mapPartitions(TaskMemoryTest::embedPartition);
  }

  private static Iterator<String> embedPartition(Iterator<String> texts) {
    Iterator<TextRow<String>> rows =
        new Iterator<>() {
          @Override
          public boolean hasNext() {
            return texts.hasNext();
          }

          @Override
          public TextRow<String> next() {
            String text = texts.next();
            return new TextRow<>(text, text.getBytes(StandardCharsets.UTF_8), null);
          }
        };
    EmbeddingStream<String> stream =
        new EmbeddingStream<>(
            rows,
            Embedders.get(EmbedderOptions.defaults()),
            BatchLimits.DEFAULT,
            TaskMemory.allocator());
    TaskMemory.closeWithTask(stream);
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return stream.hasNext();
      }

      @Override
      public String next() {
        EmbeddedRow<String> row = stream.next();
        return row.error() == null ? "" : row.error();
      }
    };
  }
}
