package io.longreach.udfs.sql;

import java.util.List;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.analysis.TypeCheckResult;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.unsafe.types.UTF8String;
import scala.collection.immutable.IndexedSeq;

/**
 * {@code embed}, {@code embed_info}, {@code embed_chunks} or {@code embed_tokens}: evaluated in
 * batches where the plan allows, and row by row, with the same bits, wherever it stands otherwise.
 */
public final class EmbedCall extends CatalystFunction {
  private final Expression text;
  private final EmbedKind kind;
  private final EmbedSettings settings;
  private final String given;

  public EmbedCall(Expression text, EmbedKind kind, EmbedSettings settings, String given) {
    this.text = text;
    this.kind = kind;
    this.settings = settings;
    this.given = given;
  }

  Expression text() {
    return text;
  }

  EmbedKind kind() {
    return kind;
  }

  EmbedSettings settings() {
    return settings;
  }

  @Override
  Object[] elements() {
    return new Object[] {text, kind, settings, given};
  }

  @Override
  List<Expression> inputs() {
    return List.of(text);
  }

  @Override
  public TypeCheckResult checkInputDataTypes() {
    if (!(text.dataType() instanceof StringType)) {
      throw SqlErrors.invalid(
          kind.function(),
          "text must be a STRING, was "
              + text.sql()
              + " of type "
              + text.dataType().sql()
              + ": cast it",
          text);
    }
    return super.checkInputDataTypes();
  }

  @Override
  public DataType dataType() {
    return kind.type(settings);
  }

  @Override
  public Object eval(InternalRow row) {
    UTF8String value = (UTF8String) text.eval(row);
    if (value == null) {
      return null;
    }
    EmbedPass pass = new EmbedPass(List.of(new EmbedPass.Call(kind, settings)));
    EmbedPass.Document document = pass.tokenize(value);
    pass.encode(List.of(document));
    return document.results()[0];
  }

  @Override
  public Expression withNewChildrenInternal(IndexedSeq<Expression> children) {
    return new EmbedCall(children.apply(0), kind, settings, given);
  }

  @Override
  public String prettyName() {
    return kind.function();
  }

  @Override
  public String toString() {
    return kind.function() + "(" + text + given + ")";
  }

  @Override
  public String sql() {
    return kind.function() + "(" + text.sql() + given + ")";
  }
}
