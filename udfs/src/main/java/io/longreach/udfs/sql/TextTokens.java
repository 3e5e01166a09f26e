package io.longreach.udfs.sql;

import io.longreach.encoders.Embedder;
import io.longreach.udfs.Embedders;
import java.util.List;
import java.util.Locale;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.analysis.TypeCheckResult;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.util.GenericArrayData;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;
import scala.collection.immutable.IndexedSeq;

/** {@code count_tokens} and {@code tokenize}, special tokens included. */
public final class TextTokens extends CatalystFunction {
  enum Wanted {
    COUNT_TOKENS,
    TOKENIZE
  }

  private final Expression text;
  private final Wanted wanted;
  private final EmbedSettings settings;

  public TextTokens(Expression text, Wanted wanted, EmbedSettings settings) {
    this.text = text;
    this.wanted = wanted;
    this.settings = settings;
  }

  @Override
  public Object[] elements() {
    return new Object[] {text, wanted, settings};
  }

  @Override
  List<Expression> inputs() {
    return List.of(text);
  }

  @Override
  public TypeCheckResult checkInputDataTypes() {
    if (!(text.dataType() instanceof StringType)) {
      throw SqlErrors.invalid(
          prettyName(),
          "text must be a STRING, was of type " + text.dataType().sql() + ": cast it",
          text);
    }
    return super.checkInputDataTypes();
  }

  @Override
  public DataType dataType() {
    return wanted == Wanted.COUNT_TOKENS
        ? DataTypes.IntegerType
        : DataTypes.createArrayType(
            new StructType()
                .add("id", DataTypes.IntegerType, false)
                .add("token", DataTypes.StringType, false)
                .add("start", DataTypes.IntegerType, false)
                .add("end", DataTypes.IntegerType, false),
            false);
  }

  @Override
  public Object eval(InternalRow row) {
    UTF8String utf8 = (UTF8String) text.eval(row);
    if (utf8 == null) {
      return null;
    }
    Embedder embedder = Embedders.get(settings.options());
    String value = utf8.toString();
    if (wanted == Wanted.COUNT_TOKENS) {
      return value.isBlank() ? 0 : embedder.tokenize(value).ids().length;
    }
    return value.isBlank() ? new GenericArrayData(new Object[0]) : tokens(embedder, value);
  }

  private static Object tokens(Embedder embedder, String text) {
    Embedder.PlacedTokens placed = embedder.tokenizeWithPlaces(text);
    Object[] tokens = new Object[placed.ids().length];
    for (int t = 0; t < tokens.length; t++) {
      int start = placed.starts()[t];
      int end = placed.ends()[t];
      tokens[t] =
          new GenericInternalRow(
              new Object[] {
                placed.ids()[t], UTF8String.fromString(text.substring(start, end)), start, end
              });
    }
    return new GenericArrayData(tokens);
  }

  @Override
  public Expression withNewChildrenInternal(IndexedSeq<Expression> children) {
    return new TextTokens(children.apply(0), wanted, settings);
  }

  @Override
  public String prettyName() {
    return wanted.name().toLowerCase(Locale.ROOT);
  }

  @Override
  public String toString() {
    return prettyName() + "(" + text + ")";
  }

  @Override
  public String sql() {
    return prettyName() + "(" + text.sql() + ")";
  }
}
