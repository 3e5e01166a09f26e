package io.longreach.udfs.sql;

import java.util.List;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.catalyst.util.GenericArrayData;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.IntegerType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import scala.collection.immutable.IndexedSeq;

/**
 * A document with the spans that a caller knows: what {@code embed_chunks} has in its text's place
 * where it is given {@code spans}. NULL where one of the two is. Plans move it about as they do a
 * text.
 */
public final class SpannedText extends CatalystFunction {
  private static final String ARGUMENT = "spans";

  /** Start and end of each span, one behind the other; both NULL for a span that is. */
  private static final DataType BOUNDS = DataTypes.createArrayType(DataTypes.IntegerType, true);

  private final Expression document;
  private final Expression spans;

  public SpannedText(Expression document, Expression spans) {
    this.document = document;
    this.spans = spans;
  }

  /** The call's document with its spans, if it gives any. */
  static Expression document(CallArguments call) {
    Expression document = OwnGlobalTokens.document(call);
    if (!call.isGiven(ARGUMENT)) {
      return document;
    }
    if (!areSpans(call.get(ARGUMENT).dataType())) {
      throw call.wrongType(
          ARGUMENT, "an ARRAY<STRUCT<start INT, end INT>>", "build it with named_struct");
    }
    return new SpannedText(document, call.get(ARGUMENT));
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

  /** Whether a document of a type is such a struct. */
  static boolean is(DataType type) {
    return type instanceof StructType struct
        && struct.length() == 2
        && struct.apply(1).dataType().equals(BOUNDS);
  }

  /** The type of the document in such a struct. */
  static DataType document(DataType type) {
    return ((StructType) type).apply(0).dataType();
  }

  @Override
  public Object[] elements() {
    return new Object[] {document, spans};
  }

  @Override
  List<Expression> inputs() {
    return List.of(document, spans);
  }

  @Override
  public boolean foldable() {
    return document.foldable() && spans.foldable();
  }

  @Override
  public DataType dataType() {
    return new StructType()
        .add("document", document.dataType(), false)
        .add("bounds", BOUNDS, false);
  }

  @Override
  public Object eval(InternalRow row) {
    Object value = document.eval(row);
    ArrayData given = value == null ? null : (ArrayData) spans.eval(row);
    return given == null ? null : new GenericInternalRow(new Object[] {value, bounds(given)});
  }

  private ArrayData bounds(ArrayData given) {
    int fields = ((StructType) ((ArrayType) spans.dataType()).elementType()).length();
    Object[] bounds = new Object[2 * given.numElements()];
    for (int i = 0; i < given.numElements(); i++) {
      InternalRow span = given.isNullAt(i) ? null : given.getStruct(i, fields);
      if (span != null && !span.isNullAt(0) && !span.isNullAt(1)) {
        bounds[2 * i] = span.getInt(0);
        bounds[2 * i + 1] = span.getInt(1);
      }
    }
    return new GenericArrayData(bounds);
  }

  @Override
  public Expression withNewChildrenInternal(IndexedSeq<Expression> children) {
    return new SpannedText(children.apply(0), children.apply(1));
  }

  @Override
  public String prettyName() {
    return "spanned_text";
  }

  @Override
  public String toString() {
    return document + ", " + ARGUMENT + " => " + spans;
  }

  @Override
  public String sql() {
    return document.sql() + ", " + ARGUMENT + " => " + spans.sql();
  }
}
