package io.longreach.udfs.arrow;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longreach.encoders.Embedder;
import io.longreach.encoders.Embedding;
import io.longreach.encoders.HiddenStates;
import io.longreach.udfs.WordEmbedder;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowStreamReader;
import org.apache.arrow.vector.ipc.ArrowStreamWriter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The batches are record batches that any Arrow implementation reads. */
class BatchFormatTest {
  private final RootAllocator memory = new RootAllocator();

  @AfterEach
  void nothingIsLeft() {
    memory.close();
  }

  @Test
  void textsSurviveTheArrowFormat() throws IOException {
    String text = "ünï 日本 \uD83D\uDE80";
    try (TextBatch<Integer> batch = new TextBatch<>(memory)) {
      DocumentWork<Object> words = work(new WordEmbedder());
      byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
      batch.add(TokenizedRow.of(new TextRow<>(0, utf8, null), words), 0);
      batch.add(TokenizedRow.of(new TextRow<>(1, null, null), words), 0);
      batch.add(TokenizedRow.of(new TextRow<>(2, new byte[0], null), words), 0);
      try (ArrowStreamReader reader = roundTrip(batch.finish())) {
        VectorSchemaRoot read = reader.getVectorSchemaRoot();
        assertEquals("Schema<text: LargeUtf8>", read.getSchema().toString());
        assertEquals(3, read.getRowCount());
        assertEquals(text, read.getVector("text").getObject(0).toString());
        assertNull(read.getVector("text").getObject(1), "null is not empty");
        assertEquals("", read.getVector("text").getObject(2).toString());
      }
    }
  }

  @Test
  void embeddingsSurviveTheArrowFormat() throws IOException {
    float[] vector = {1.5f, -0f, Float.MIN_VALUE};
    try (EmbeddingBatch<String> batch = new EmbeddingBatch<>(memory)) {
      batch.setError(0, 7, "too bad");
      batch.set(1, new Embedding(vector, 9, 8, List.of()), "window(256)");
      batch.finish(texts(2));
      try (ArrowStreamReader reader = roundTrip(batch.root())) {
        VectorSchemaRoot read = reader.getVectorSchemaRoot();
        String schema = read.getSchema().toString();
        assertTrue(
            schema.startsWith("Schema<embedding: List<")
                && schema.contains(
                    "FloatingPoint(SINGLE) not null>, tokens: Int(64, true),"
                        + " tokens_used: Int(64, true), pattern: Utf8, error: Utf8>"),
            schema);
        assertNull(read.getVector("embedding").getObject(0));
        assertEquals(List.of(1.5f, -0f, Float.MIN_VALUE), read.getVector("embedding").getObject(1));
        assertEquals(7L, read.getVector("tokens").getObject(0));
        assertEquals(8L, read.getVector("tokens_used").getObject(1));
        assertNull(read.getVector("pattern").getObject(0));
        assertEquals("too bad", read.getVector("error").getObject(0).toString());
        assertNull(read.getVector("error").getObject(1));
      }
      assertArrayEquals(vector, batch.read(1, "row", 3).embedding(), "bits");
      assertEquals(9, batch.read(1, "row", 3).tokens());
      assertEquals("too bad", batch.read(0, "row", 3).error());
    }
  }

  @Test
  void aBatchGrowsBeyondArrowsFirstAllocation() {
    try (EmbeddingBatch<String> batch = new EmbeddingBatch<>(memory)) {
      float[] vector = new float[384];
      for (int row = 0; row < 20_000; row++) {
        vector[row % 384] = row;
        batch.set(row, new Embedding(vector, row, row, List.of()), "dense");
      }
      batch.finish(texts(20_000));
      assertArrayEquals(vector, batch.read(19_999, "row", 0).embedding());
      assertEquals(19_999, batch.read(19_999, "row", 0).tokens());
    }
  }

  /** Their number is all that is read of them. */
  private static VectorSchemaRoot texts(int rows) {
    VectorSchemaRoot texts = VectorSchemaRoot.of();
    texts.setRowCount(rows);
    return texts;
  }

  private static DocumentWork<Object> work(Embedder embedder) {
    return new DocumentWork<>() {
      @Override
      public Embedder embedder() {
        return embedder;
      }

      @Override
      public Object value(Document document, HiddenStates states) {
        return "";
      }
    };
  }

  /** A reader that has loaded the first batch. */
  private ArrowStreamReader roundTrip(VectorSchemaRoot batch) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ArrowStreamWriter writer = new ArrowStreamWriter(batch, null, out)) {
      writer.writeBatch();
    }
    ArrowStreamReader reader =
        new ArrowStreamReader(new ByteArrayInputStream(out.toByteArray()), memory);
    assertTrue(reader.loadNextBatch(), "one batch");
    return reader;
  }
}
