package io.longreach.udfs.sql;

import java.util.List;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.unsafe.types.UTF8String;
import scala.collection.immutable.IndexedSeq;

/**
 * A call's value, out of the struct of result and error that its batch gave: fails where the value
 * is wanted, exactly where the call itself would have failed, and not where a CASE, a filter or a
 * limit leaves it out.
 */
public final class EmbedResult extends CatalystFunction {
  private static final int RESULT = 0;
  private static final int ERROR = 1;

  private final Expression lenient;
  private final EmbedKind kind;
  private final EmbedSettings settings;
  private final String given;

  public EmbedResult(Expression lenient, EmbedKind kind, EmbedSettings settings, String given) {
    this.lenient = lenient;
    this.kind = kind;
    this.settings = settings;
    this.given = given;
  }

  @Override
  public Object[] elements() {
    return new Object[] {lenient, kind, settings, given};
  }

  @Override
  List<Expression> inputs() {
    return List.of(lenient);
  }

  @Override
  public DataType dataType() {
    return kind.type(settings);
  }

  @Override
  public Object eval(InternalRow row) {
    InternalRow outcome = (InternalRow) lenient.eval(row);
    if (outcome == null) {
      return null;
    }
    if (settings.onError() == OnError.FAIL && !outcome.isNullAt(ERROR)) {
      UTF8String reason = outcome.getUTF8String(ERROR);
      throw new IllegalArgumentException(reason.toString());
    }
    return outcome.isNullAt(RESULT) ? null : outcome.get(RESULT, dataType());
  }

  @Override
  public Expression withNewChildrenInternal(IndexedSeq<Expression> children) {
    return new EmbedResult(children.apply(0), kind, settings, given);
  }

  @Override
  public String prettyName() {
    return kind.function();
  }

  @Override
  public String toString() {
    return kind.function() + "_of(" + lenient + ")";
  }

  @Override
  public String sql() {
    return kind.function() + "_of(" + lenient.sql() + ")";
  }
}
