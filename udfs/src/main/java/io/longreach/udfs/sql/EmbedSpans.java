package io.longreach.udfs.sql;

import io.longreach.encoders.Embedder;
import io.longreach.encoders.EmbedderOptions;
import io.longreach.encoders.HiddenStates;
import io.longreach.encoders.TextSpan;
import io.longreach.udfs.Embedders;
import io.longreach.udfs.arrow.DocumentPass;
import io.longreach.udfs.arrow.DocumentWork;
import io.longreach.udfs.arrow.TaskMemory;
import io.longreach.udfs.arrow.WorkCounts;
import java.util.List;
import java.util.function.Supplier;
import org.apache.spark.TaskContext;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.IntegerType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import scala.collection.immutable.IndexedSeq;

/** {@code embed_chunks} with the spans that a caller knows; evaluated row by row. */
public final class EmbedSpans extends CatalystFunction {
  private static final EmbedKind KIND = EmbedKind.CHUNKS;

  private final Expression text;
  private final Expression spans;
  private final EmbedSettings settings;
  private final String given;

  public EmbedSpans(Expression text, Expression spans, EmbedSettings settings, String given) {
    this.text = text;
    this.spans = spans;
    this.settings = settings;
    this.given = given;
  }

  static Expression of(CallArguments call, ConstantArguments.Constants constants) {
    if (!areSpans(call.get("spans").dataType())) {
      throw call.wrongType(
          "spans", "an ARRAY<STRUCT<start INT, end INT>>", "build it with named_struct");
    }
    return new EmbedSpans(
        OwnGlobalTokens.document(call), call.get("spans"), constants.settings(), constants.given());
  }

  private static boolean areSpans(DataType type) {
    if (!(type instanceof ArrayType array && array.elementType() instanceof StructType struct)) {
      return false;
    }
    StructField[] fields = struct.fields();
    return fields.length >= 2 && isBound(fields[0], "start") && isBound(fields[1], "end");
  }

  private static boolean isBound(StructField field, String name) {
    return field.name().equalsIgnoreCase(name) && field.dataType() instanceof IntegerType;
  }

  @Override
  public Object[] elements() {
    return new Object[] {text, spans, settings, given};
  }

  @Override
  List<Expression> inputs() {
    return List.of(text, spans);
  }

  @Override
  public DataType dataType() {
    return KIND.type(settings);
  }

  @Override
  public Object eval(InternalRow row) {
    DocumentValue document = DocumentValue.of(text.eval(row));
    ArrayData given = (ArrayData) spans.eval(row);
    if (document.utf8() == null || given == null) {
      return null;
    }
    DocumentPass.Outcome<Object> outcome =
        new DocumentPass<>(new Work(given), WorkCounts.NONE)
            .run(document.utf8(), document.globalTokens());
    return outcome.failure() == null ? outcome.value() : KIND.failure(settings, outcome.failure());
  }

  /** One row: what is wrong with its spans is its failure, as what is wrong with its text. */
  private final class Work implements DocumentWork<Object> {
    private final ArrayData given;
    private final Embedder embedder;
    private final int[] starts;
    private final int[] ends;

    Work(ArrayData given) {
      TaskContext task = TaskContext.get();
      EmbedderOptions options = settings.options();
      this.given = given;
      this.embedder = Embedders.get(task == null ? options : options.withThreads(task.cpus()));
      this.starts = new int[given.numElements()];
      this.ends = new int[starts.length];
    }

    @Override
    public Embedder embedder() {
      return embedder;
    }

    @Override
    public Embedder.Tokens tokenize(String text) {
      int fields = ((StructType) ((ArrayType) spans.dataType()).elementType()).length();
      for (int i = 0; i < starts.length; i++) {
        InternalRow span = given.isNullAt(i) ? null : given.getStruct(i, fields);
        if (span == null || span.isNullAt(0) || span.isNullAt(1)) {
          throw new IllegalArgumentException("spans must not be NULL, was number " + i);
        }
        starts[i] = span.getInt(0);
        ends[i] = span.getInt(1);
        requireWithin(text, starts[i], ends[i]);
      }
      return embedder.tokenizeWithPlaces(text, TaskMemory::endIfKilled);
    }

    @Override
    public Object value(Supplier<String> text, Embedder.Tokens tokens, HiddenStates states) {
      List<TextSpan> known =
          TextSpan.offsets(starts, ends, (Embedder.PlacedTokens) tokens, states.tokensUsed());
      return EmbedKind.chunks(settings, embedder, text.get(), known, states);
    }
  }

  private static void requireWithin(String document, int start, int end) {
    if (start < 0 || start >= end || end > document.length()) {
      throw new IllegalArgumentException(
          String.format(
              "spans must lie within the text, 0 <= start < end <= %d, was [%d, %d): count UTF-16"
                  + " units",
              document.length(), start, end));
    }
  }

  @Override
  public Expression withNewChildrenInternal(IndexedSeq<Expression> children) {
    return new EmbedSpans(children.apply(0), children.apply(1), settings, given);
  }

  @Override
  public String prettyName() {
    return KIND.function();
  }

  @Override
  public String toString() {
    return KIND.function() + "(" + text + given + ", spans => " + spans + ")";
  }

  @Override
  public String sql() {
    return KIND.function() + "(" + text.sql() + given + ", spans => " + spans.sql() + ")";
  }
}
