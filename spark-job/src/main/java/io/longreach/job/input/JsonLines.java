package io.longreach.job.input;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import org.apache.hadoop.io.LongWritable;
import org.apache.hadoop.io.Text;
import org.apache.hadoop.mapred.TextInputFormat;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import scala.Tuple2;

/**
 * One JSON object a line. Lines are read as bytes, so that one that is not UTF-8 or not JSON
 * becomes one failed document; Spark's own reader would replace bytes silently.
 */
final class JsonLines implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final int CHECKED_LINES = 20;

  private final String idColumn;
  private final String textColumn;

  JsonLines(String idColumn, String textColumn) {
    this.idColumn = idColumn;
    this.textColumn = textColumn;
  }

  JavaRDD<Document> read(SparkSession spark, List<String> files) {
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    JavaRDD<byte[]> lines =
        context
            .hadoopFile(
                String.join(",", files), TextInputFormat.class, LongWritable.class, Text.class)
            .map(Tuple2::_2)
            .filter(line -> line.getLength() > 0)
            .map(Text::copyBytes);
    checkColumns(lines.take(CHECKED_LINES));
    return lines.mapPartitionsWithIndex(this::documents, true);
  }

  /** The columns must be in at least one of the first lines that are JSON at all. */
  private void checkColumns(List<byte[]> lines) {
    List<JsonNode> objects = new ArrayList<>();
    for (byte[] line : lines) {
      try {
        objects.add(MAPPER.readTree(line));
      } catch (IOException e) {
        // Reported as a failed document when its turn comes.
      }
    }
    for (String column : List.of(idColumn, textColumn)) {
      if (!objects.isEmpty() && objects.stream().noneMatch(o -> o.has(column))) {
        List<String> names = new ArrayList<>();
        objects.get(0).fieldNames().forEachRemaining(names::add);
        throw Columns.missing(column, names);
      }
    }
  }

  private Iterator<Document> documents(int partition, Iterator<byte[]> lines) {
    return new Iterator<>() {
      private long number;

      @Override
      public boolean hasNext() {
        return lines.hasNext();
      }

      @Override
      public Document next() {
        number++;
        return document(lines.next(), "partition " + partition + " line " + number);
      }
    };
  }

  private Document document(byte[] line, String place) {
    try {
      JsonNode object = MAPPER.readTree(line);
      String id = object.path(idColumn).asText(place);
      JsonNode text = object.get(textColumn);
      if (text == null || text.isNull()) {
        return Document.of(id, null);
      }
      if (!text.isTextual()) {
        return Document.failed(
            id, "'" + textColumn + "' must be a string, was " + text.getNodeType());
      }
      return document(id, text.textValue());
    } catch (JsonProcessingException e) {
      return Document.failed(place, "the line is not valid JSON: " + e.getOriginalMessage());
    } catch (IOException e) {
      return Document.failed(place, "the line cannot be read: " + Objects.toString(e.getMessage()));
    }
  }

  private static Document document(String id, String text) {
    try {
      ByteBuffer utf8 = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
      return Document.of(
          id,
          Arrays.copyOfRange(utf8.array(), utf8.arrayOffset(), utf8.arrayOffset() + utf8.limit()));
    } catch (CharacterCodingException e) {
      return Document.failed(id, "text has half a surrogate pair: it is not Unicode text");
    }
  }
}
