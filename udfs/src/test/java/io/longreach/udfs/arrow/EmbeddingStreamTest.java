package io.longreach.udfs.arrow;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longreach.udfs.WordEmbedder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.arrow.memory.OutOfMemoryException;
import org.apache.arrow.memory.RootAllocator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class EmbeddingStreamTest {
  private static final byte[] INVALID = {'g', 'o', 'o', 'd', ' ', (byte) 0xC3, '('};

  private final RootAllocator memory = new RootAllocator();
  private final WordEmbedder embedder = new WordEmbedder();

  /** Closing the root fails, and so does the test, if anything was leaked. */
  @AfterEach
  void nothingIsLeft() {
    assertEquals(0, memory.getAllocatedMemory(), "bytes left when the stream was closed");
    memory.close();
  }

  @Test
  void rowsComeOutInOrderWithTheirVectors() {
    List<String> texts = IntStream.range(0, 100).mapToObj(i -> words(i % 7 + 1, i)).toList();
    List<EmbeddedRow<Integer>> rows = embed(new BatchLimits(10, 1 << 20), rows(texts));
    assertEquals(100, rows.size());
    assertTrue(embedder.batches.size() > 30, "many batches, or their borders are not tested");
    for (int i = 0; i < 100; i++) {
      EmbeddedRow<Integer> row = rows.get(i);
      assertEquals(i, row.row(), "place");
      assertArrayEquals(embedder.vector(texts.get(i)), row.embedding(), "vector of row " + i);
      assertEquals(i % 7 + 1, row.tokens(), "tokens of row " + i);
      assertEquals(i % 7 + 1, row.tokensUsed(), "tokens used of row " + i);
      assertEquals("dense", row.pattern());
      assertEquals(texts.get(i).length(), row.bytes());
      assertNull(row.error());
    }
  }

  @Test
  void noRowsAreNoRows() {
    assertEquals(List.of(), embed(BatchLimits.DEFAULT, List.of()));
    assertEquals(List.of(), embedder.batches);
  }

  @Test
  void whatFailsComesOutInItsPlaceWithItsReason() {
    List<TextRow<Integer>> in =
        List.of(
            new TextRow<>(0, utf8("one"), null),
            new TextRow<>(1, null, null),
            new TextRow<>(2, utf8(""), null),
            new TextRow<>(3, utf8(" \n\t"), null),
            new TextRow<>(4, INVALID, null),
            new TextRow<>(5, null, "the line is not valid JSON"),
            new TextRow<>(6, utf8("this is " + WordEmbedder.POISON), null),
            new TextRow<>(7, utf8(WordEmbedder.UNREADABLE), null),
            new TextRow<>(8, utf8("one " + WordEmbedder.GIANT), null),
            new TextRow<>(9, utf8("two words"), null));
    List<EmbeddedRow<Integer>> out = embed(BatchLimits.DEFAULT, in);
    assertEquals(IntStream.range(0, 10).boxed().toList(), out.stream().map(r -> r.row()).toList());
    assertEquals(
        Arrays.asList(
            null,
            "text is null",
            "text is empty",
            "text is empty",
            "text is not valid UTF-8 at byte 5: convert it to UTF-8",
            "the line is not valid JSON",
            "this text is poison",
            "the tokenizer gave up",
            "out of memory at 2 tokens: give the executor more memory or set a maximum of tokens",
            null),
        out.stream().map(EmbeddedRow::error).toList());
    for (EmbeddedRow<Integer> row : out) {
      assertEquals(row.error() == null, row.embedding() != null, "row " + row.row());
      assertEquals(row.error() == null, row.pattern() != null, "row " + row.row());
      assertEquals(row.error() == null ? row.tokens() : 0, row.tokensUsed(), "row " + row.row());
    }
    assertArrayEquals(embedder.vector("one"), out.get(0).embedding());
    assertArrayEquals(embedder.vector("two words"), out.get(9).embedding());
    assertEquals(3, out.get(6).tokens(), "tokens are known though embedding failed");
    assertEquals(7, out.get(4).bytes());
    assertEquals(0, out.get(1).bytes());
  }

  @Test
  void everyByteSequenceThatIsNotUtf8IsRefused() {
    int[][] bad = {
      {0x80},
      {0xC0, 0xAF},
      {0xE2, 0x82},
      {0xED, 0xA0, 0x80},
      {0xF8, 0x88, 0x80, 0x80, 0x80},
      {0xF4, 0x90, 0x80, 0x80},
      {0xFF},
      {0xFE, 0xFF}
    };
    List<TextRow<Integer>> in = new ArrayList<>();
    for (int[] sequence : bad) {
      byte[] bytes = new byte[sequence.length + 2];
      bytes[0] = 'a';
      for (int i = 0; i < sequence.length; i++) {
        bytes[i + 1] = (byte) sequence[i];
      }
      bytes[bytes.length - 1] = 'b';
      in.add(new TextRow<>(in.size(), bytes, null));
    }
    for (EmbeddedRow<Integer> row : embed(BatchLimits.DEFAULT, in)) {
      assertEquals("text is not valid UTF-8 at byte 1: convert it to UTF-8", row.error());
    }
    assertNull(
        embed(BatchLimits.DEFAULT, rows(List.of("ünï 日本 \uD83D\uDE80"))).get(0).error(),
        "valid UTF-8 of every length");
  }

  @Test
  void batchesAreBoundedByTokens() {
    embed(new BatchLimits(10, 1 << 20), rows(texts(4, 4, 4, 1, 9, 25, 3, 3, 10, 1)));
    assertEquals(
        List.of(
            List.of(4, 4),
            List.of(4, 1),
            List.of(9),
            List.of(25),
            List.of(3, 3),
            List.of(10),
            List.of(1)),
        embedder.batches,
        "a document beyond the limit is a batch of its own");
  }

  @Test
  void batchesAreBoundedByBytes() {
    List<String> huge = Stream.of(300, 299, 298, 900, 2500, 10).map("x"::repeat).toList();
    embed(new BatchLimits(1 << 20, 1000), rows(huge));
    assertEquals(
        List.of(3, 1, 1, 1),
        embedder.batches.stream().map(List::size).toList(),
        "300 + 299 + 298, 900, 2500 alone, 10");
  }

  @Test
  void oneTextWithOtherGlobalTokensIsAnotherDocument() {
    List<TextRow<Integer>> in = new ArrayList<>();
    for (String own : Arrays.asList("0", "0,2", null, "0", "two", "0,2")) {
      in.add(new TextRow<>(in.size(), utf8("some text here"), null, 0, own));
    }
    List<EmbeddedRow<Integer>> out = embed(BatchLimits.DEFAULT, in);
    assertEquals(List.of(List.of(3, 3, 3)), embedder.batches, "0; 0 and 2; those of the options");
    assertEquals(
        List.of(true, true, true, true, false, true),
        out.stream().map(row -> row.error() == null).toList(),
        "what cannot be read is one row's failure");
  }

  @Test
  void rowsThatFailCountTowardsTheBytes() {
    byte[] invalid = new byte[1000];
    Arrays.fill(invalid, (byte) 0xFF);
    List<TextRow<Integer>> in = new ArrayList<>();
    in.add(new TextRow<>(0, invalid, null));
    in.add(new TextRow<>(1, utf8("a"), null));
    in.add(new TextRow<>(2, utf8("b"), null));
    embed(new BatchLimits(1 << 20, 1000), in);
    assertEquals(List.of(List.of(1, 1)), embedder.batches, "the invalid bytes fill a batch");
  }

  @Test
  void moreTextThanABatchHoldsNeverStandsInMemoryAtOnce() {
    int bytes = 1 << 20;
    Iterator<TextRow<Integer>> endless =
        IntStream.range(0, 64).mapToObj(i -> new TextRow<>(i, letters(bytes), null)).iterator();
    try (EmbeddingStream<Integer> stream =
        new EmbeddingStream<>(endless, embedder, new BatchLimits(100, 2 * bytes), memory)) {
      while (stream.hasNext()) {
        assertNotNull(stream.next().embedding());
      }
    }
    assertEquals(32, embedder.batches.size(), "two documents a batch");
    assertTrue(
        memory.getPeakMemoryAllocation() < 8L * bytes,
        () -> "64 MiB of text took " + memory.getPeakMemoryAllocation() + " bytes at once");
  }

  @Test
  void aTextThatABatchHoldsTwiceIsEmbeddedOnce() {
    List<EmbeddedRow<Integer>> out =
        embed(BatchLimits.DEFAULT, rows(List.of("a text", "b", "a text", "b", "c d e", "a text")));
    assertEquals(List.of(List.of(2, 1, 3)), embedder.batches);
    assertArrayEquals(embedder.vector("a text"), out.get(5).embedding());
    assertArrayEquals(embedder.vector("b"), out.get(3).embedding());
  }

  @Test
  void whatTravelsBesideTheTextsCountsTowardsTheBytes() {
    List<TextRow<Integer>> in = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      in.add(new TextRow<>(i, utf8("w" + i), null, 398));
    }
    embed(new BatchLimits(1 << 20, 1000), in);
    assertEquals(List.of(2, 2, 2), embedder.batches.stream().map(List::size).toList());
  }

  @Test
  void aFailedBatchIsRepeatedRowByRow() {
    embed(BatchLimits.DEFAULT, rows(List.of("one", WordEmbedder.POISON, "three words here")));
    assertEquals(List.of(List.of(1, 1, 3), List.of(1), List.of(1), List.of(3)), embedder.batches);
  }

  @Test
  void theResultDoesNotDependOnTheBatch() {
    List<String> texts = IntStream.range(0, 50).mapToObj(i -> words(i % 13 + 1, i)).toList();
    List<EmbeddedRow<Integer>> alone = embed(new BatchLimits(1, 1), rows(texts));
    List<EmbeddedRow<Integer>> together = embed(BatchLimits.DEFAULT, rows(texts));
    for (int i = 0; i < texts.size(); i++) {
      assertArrayEquals(alone.get(i).embedding(), together.get(i).embedding(), "row " + i);
    }
  }

  @Test
  void closingEarlyFreesTheBatchInHand() {
    EmbeddingStream<Integer> stream = stream(rows(texts(1, 1, 1)), BatchLimits.DEFAULT);
    assertNotNull(stream.next());
    assertTrue(memory.getAllocatedMemory() > 0, "the batch is held in Arrow memory");
    stream.close();
    assertFalse(stream.hasNext(), "a closed stream has ended");
    assertThrows(NoSuchElementException.class, stream::next);
    stream.close();
  }

  @Test
  void closingBeforeTheFirstRowIsFine() {
    stream(rows(texts(1)), BatchLimits.DEFAULT).close();
  }

  @Test
  void aFailureOfTheInputLeaksNothing() {
    Iterator<TextRow<Integer>> broken =
        new Iterator<>() {
          private int next;

          @Override
          public boolean hasNext() {
            return true;
          }

          @Override
          public TextRow<Integer> next() {
            if (next == 3) {
              throw new IllegalStateException("the disk is gone");
            }
            return new TextRow<>(next++, utf8("some text"), null);
          }
        };
    EmbeddingStream<Integer> stream =
        new EmbeddingStream<>(broken, embedder, BatchLimits.DEFAULT, memory);
    assertEquals(
        "the disk is gone", assertThrows(IllegalStateException.class, stream::next).getMessage());
    stream.close();
  }

  @Test
  void anErrorOfTheEmbedderLeaksNothing() {
    EmbeddingStream<Integer> stream =
        stream(rows(List.of("fine", WordEmbedder.FATAL)), BatchLimits.DEFAULT);
    assertThrows(AssertionError.class, stream::next);
    assertFalse(stream.hasNext(), "a stream that failed has ended");
    stream.close();
  }

  /** As a machine short of memory would: at any allocation, of any batch. */
  @Test
  void runningOutOfArrowMemoryLeaksNothing() {
    List<TextRow<Integer>> in = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      in.add(new TextRow<>(i, letters(20_000), null));
    }
    int failures = 0;
    for (long limit = 0; limit < 400_000; limit += 5_000) {
      try (RootAllocator small = new RootAllocator(limit)) {
        EmbeddingStream<Integer> stream =
            new EmbeddingStream<>(in.iterator(), embedder, new BatchLimits(100, 40_000), small);
        try {
          while (stream.hasNext()) {
            stream.next();
          }
        } catch (OutOfMemoryException e) {
          failures++;
        } finally {
          stream.close();
        }
        assertEquals(0, small.getAllocatedMemory(), "left at a limit of " + limit);
      }
    }
    assertTrue(failures > 3, "the limits must bite");
    assertTrue(failures < 80, "and leave off biting");
  }

  @Test
  void limitsBelowOneAreRefused() {
    assertEquals(
        "batch limits must be at least 1, were 0 tokens and 5 bytes",
        assertThrows(IllegalArgumentException.class, () -> new BatchLimits(0, 5)).getMessage());
  }

  private EmbeddingStream<Integer> stream(List<TextRow<Integer>> rows, BatchLimits limits) {
    return new EmbeddingStream<>(rows.iterator(), embedder, limits, memory);
  }

  private List<EmbeddedRow<Integer>> embed(BatchLimits limits, List<TextRow<Integer>> rows) {
    List<EmbeddedRow<Integer>> out = new ArrayList<>();
    try (EmbeddingStream<Integer> stream = stream(rows, limits)) {
      stream.forEachRemaining(out::add);
    }
    return out;
  }

  private static List<TextRow<Integer>> rows(List<String> texts) {
    return IntStream.range(0, texts.size())
        .mapToObj(i -> new TextRow<>(i, utf8(texts.get(i)), null))
        .toList();
  }

  private static List<String> texts(int... tokens) {
    return IntStream.range(0, tokens.length).mapToObj(i -> words(tokens[i], i)).toList();
  }

  private static String words(int count, int seed) {
    return String.join(
        " ", IntStream.range(0, count).mapToObj(i -> "w" + (seed * 31 + i)).toList());
  }

  private static byte[] letters(int bytes) {
    byte[] text = new byte[bytes];
    Arrays.fill(text, (byte) 'a');
    return text;
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
