package io.longreach.udfs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.longreach.encoders.Embedder;
import io.longreach.encoders.EmbedderOptions;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class EmbeddersTest {
  private static final EmbedderOptions OPTIONS = EmbedderOptions.defaults();

  @AfterEach
  void openForReal() {
    Embedders.openWith(Embedder::open);
  }

  @Test
  void tasksThatAskAtOnceShareOneEmbedder() throws Exception {
    AtomicInteger opened = new AtomicInteger();
    Embedders.openWith(
        options -> {
          opened.incrementAndGet();
          return new WordEmbedder();
        });
    ExecutorService tasks = Executors.newFixedThreadPool(4);
    try {
      Callable<Embedder> ask = () -> Embedders.get(OPTIONS);
      for (Future<Embedder> answer : tasks.invokeAll(List.of(ask, ask, ask, ask, ask, ask))) {
        assertSame(Embedders.get(OPTIONS), answer.get());
      }
    } finally {
      tasks.shutdown();
    }
    assertEquals(1, opened.get(), "models opened");
  }

  @Test
  void otherOptionsAreAnotherEmbedder() {
    Embedders.openWith(options -> new WordEmbedder());
    EmbedderOptions equal = EmbedderOptions.defaults();
    EmbedderOptions other = new EmbedderOptions("minilm", "window(64)", "tile", 0, "auto", 1);
    assertSame(Embedders.get(OPTIONS), Embedders.get(equal));
    assertNotSame(Embedders.get(OPTIONS), Embedders.get(other));
  }

  @Test
  void aFailureIsNotRemembered() {
    AtomicInteger calls = new AtomicInteger();
    Embedders.openWith(
        options -> {
          if (calls.getAndIncrement() == 0) {
            throw new IllegalArgumentException("the disk is slow today");
          }
          return new WordEmbedder();
        });
    assertThrows(IllegalArgumentException.class, () -> Embedders.get(OPTIONS));
    assertEquals("words@00000000", Embedders.get(OPTIONS).model());
  }
}
