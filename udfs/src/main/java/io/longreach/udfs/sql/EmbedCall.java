package io.longreach.udfs.sql;

import io.longreach.encoders.EmbedderOptions;
import java.util.List;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.analysis.TypeCheckResult;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StringType;
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

  /** The document: a STRING, an {@link OwnGlobalTokens} or a {@link SpannedText}. */
  public Expression text() {
    return text;
  }

  /** What a pass depends on: calls over one text with the same options share a pass. */
  public EmbedderOptions options() {
    return settings.options();
  }

  /** Equal for calls that give the same, however they are written and whatever fails. */
  public EmbedCall key() {
    return new EmbedCall(text.canonicalized(), kind, settings.with(OnError.COLUMN), "");
  }

  /** The call of which {@link #of} makes this one's value: its failures are values, too. */
  public EmbedCall lenient(Expression other) {
    return new EmbedCall(other, kind, settings.with(OnError.COLUMN), given);
  }

  /** This call's value, where that of the {@link #lenient} call is known. */
  public Expression of(Expression lenient) {
    return settings.onError() == OnError.COLUMN
        ? lenient
        : new EmbedResult(lenient, kind, settings, given);
  }

  EmbedKind kind() {
    return kind;
  }

  EmbedSettings settings() {
    return settings;
  }

  @Override
  public Object[] elements() {
    return new Object[] {text, kind, settings, given};
  }

  @Override
  List<Expression> inputs() {
    return List.of(text);
  }

  @Override
  public TypeCheckResult checkInputDataTypes() {
    if (!isDocument(text.dataType())) {
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

  private static boolean isDocument(DataType type) {
    return type instanceof StringType
        || type.equals(OwnGlobalTokens.TYPE)
        || (SpannedText.is(type) && isDocument(SpannedText.document(type)));
  }

  /** Constant text is embedded once, while the statement is planned. */
  @Override
  public boolean foldable() {
    return text.foldable();
  }

  @Override
  public DataType dataType() {
    return kind.type(settings);
  }

  @Override
  public Object eval(InternalRow row) {
    DocumentValue document = DocumentValue.of(text.eval(row), text.dataType());
    return document.utf8() == null ? null : new EmbedPass(List.of(this)).values(document)[0];
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
