package io.longreach.job.input;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.longreach.encoders.text.JsonProblem;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.io.LongWritable;
import org.apache.hadoop.io.Text;
import org.apache.hadoop.mapred.FileInputFormat;
import org.apache.hadoop.mapred.JobConf;
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
  private static final ObjectMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxStringLength(Integer.MAX_VALUE).build())
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();
  private static final int CHECKED_LINES = 20;

  private final String idColumn;
  private final String textColumn;
  private final String globalTokensColumn;
  private final List<String> keptColumns;
  private final List<String> columns;
  private final Instant since;
  private final String timeColumn;

  JsonLines(DocumentSource source) {
    this.idColumn = source.idColumn();
    this.textColumn = source.textColumn();
    this.globalTokensColumn = source.globalTokensColumn().orElse(null);
    this.keptColumns = List.copyOf(source.keptColumns());
    this.columns = List.copyOf(source.columns());
    this.timeColumn = source.since().flatMap(DocumentSource.Since::column).orElse(null);
    this.since = source.since().map(DocumentSource.Since::time).orElse(null);
  }

  JavaRDD<Document> read(SparkSession spark, List<String> files) {
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    JobConf paths = new JobConf(context.hadoopConfiguration());
    FileInputFormat.setInputPaths(
        paths, files.stream().map(DocumentReader::literal).toArray(Path[]::new));
    ZstdCodec.addTo(paths);
    JavaRDD<byte[]> lines =
        context
            .hadoopRDD(paths, TextInputFormat.class, LongWritable.class, Text.class)
            .map(Tuple2::_2)
            .filter(line -> line.getLength() > 0)
            .map(Text::copyBytes);
    checkColumns(lines.take(CHECKED_LINES));
    return (timeColumn == null ? lines : lines.filter(this::isNew))
        .mapPartitionsWithIndex(this::documents, true);
  }

  /** The columns must be in at least one of the first lines that are JSON at all. */
  private void checkColumns(List<byte[]> lines) {
    List<JsonNode> objects = new ArrayList<>();
    for (byte[] line : lines) {
      try {
        JsonNode parsed = parse(line);
        if (parsed.isObject()) {
          objects.add(parsed);
        }
      } catch (JsonProcessingException | CharacterCodingException e) {
        // Reported as a failed document when its turn comes.
      }
    }
    for (String column : columns) {
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
      return document(parse(line), place);
    } catch (MismatchedInputException e) {
      return Document.failed(place, "the line is not valid JSON: it goes on after its first value");
    } catch (JsonProcessingException e) {
      return Document.failed(place, "the line is not valid JSON: " + JsonProblem.of(e));
    } catch (CharacterCodingException e) {
      return Document.failed(place, "the line is not valid UTF-8: convert it to UTF-8");
    } catch (OutOfMemoryError e) {
      return Document.failed(
          place,
          "the line of "
              + line.length
              + " bytes is too large for the memory: split it, or give the executor more");
    }
  }

  private Document document(JsonNode object, String place) {
    if (!object.isObject()) {
      return Document.failed(place, "the line is not a JSON object");
    }
    String name = object.path(idColumn).asText(null);
    String id = name == null ? place : name;
    JsonNode text = object.get(textColumn);
    String[] kept =
        keptColumns.stream().map(column -> object.path(column).asText(null)).toArray(String[]::new);
    if (text == null || text.isNull()) {
      return Document.of(id, null).keeping(kept);
    }
    if (!text.isTextual()) {
      return Document.failed(id, "'" + textColumn + "' must be a string, was " + text.getNodeType())
          .keeping(kept);
    }
    return document(name, place, text.textValue())
        .keeping(kept)
        .withGlobalTokens(globalTokens(object));
  }

  /** What is neither an array nor a text does not parse, and is then this document's failure. */
  private String globalTokens(JsonNode object) {
    JsonNode own = globalTokensColumn == null ? null : object.get(globalTokensColumn);
    if (own == null || own.isNull()) {
      return null;
    }
    if (!own.isArray()) {
      return own.asText();
    }
    List<String> positions = new ArrayList<>();
    own.forEach(position -> positions.add(position.asText()));
    return positions.isEmpty() ? "none" : String.join(",", positions);
  }

  /** What has no time that can be read is taken for new: nothing is left out by mistake. */
  private boolean isNew(byte[] line) {
    try {
      String time = parse(line).path(timeColumn).asText("");
      return !Times.parse(time).isBefore(since);
    } catch (JsonProcessingException | CharacterCodingException | IllegalArgumentException e) {
      return true;
    }
  }

  /** Decodes by the JDK, which is strict: the parser accepts overlong forms of characters. */
  private static JsonNode parse(byte[] line)
      throws JsonProcessingException, CharacterCodingException {
    return MAPPER.readTree(
        StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(line)).toString());
  }

  private static Document document(String name, String place, String text) {
    try {
      ByteBuffer buffer = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
      int offset = buffer.arrayOffset();
      byte[] utf8 = Arrays.copyOfRange(buffer.array(), offset, offset + buffer.limit());
      return name == null ? Document.unnamed(utf8) : Document.of(name, utf8);
    } catch (CharacterCodingException e) {
      return Document.failed(
          name == null ? place : name, "text has half a surrogate pair: it is not Unicode text");
    }
  }
}
