package io.longreach.udfs.sql;

import java.util.List;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.ArrayJoin;
import org.apache.spark.sql.catalyst.expressions.Cast;
import org.apache.spark.sql.catalyst.expressions.EqualTo;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.If;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.catalyst.expressions.Size;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.IntegralType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructType;
import scala.Option;
import scala.collection.immutable.IndexedSeq;

/**
 * A text with global tokens of its own: what an embedding call has in its text's place when {@code
 * global_tokens} is a column. NULL where the text is. Plans move it about as they do a text.
 */
public final class OwnGlobalTokens extends CatalystFunction {
  /** Of {@code text} and {@code global_tokens}. */
  static final StructType TYPE =
      new StructType()
          .add("text", DataTypes.StringType, false)
          .add("global_tokens", DataTypes.StringType, true);

  private static final String ARGUMENT = SqlArgument.GLOBAL_TOKENS.argument();

  private final Expression text;
  private final Expression globalTokens;

  public OwnGlobalTokens(Expression text, Expression globalTokens) {
    this.text = text;
    this.globalTokens = globalTokens;
  }

  /** Whether a call says them for each row, and not for all. */
  static boolean areIn(CallArguments call) {
    return call.isGiven(ARGUMENT)
        && (!call.get(ARGUMENT).foldable() || call.get(ARGUMENT).dataType() instanceof ArrayType);
  }

  /** The call's text, with the global tokens of each row if it says them so. */
  static Expression document(CallArguments call) {
    Expression text = call.text("text");
    return areIn(call) ? new OwnGlobalTokens(text, textForm(call)) : text;
  }

  /** Positions in an array as people write them. */
  private static Expression textForm(CallArguments call) {
    Expression given = call.get(ARGUMENT);
    if (given.dataType() instanceof StringType) {
      return given;
    }
    if (!(given.dataType() instanceof ArrayType array
        && array.elementType() instanceof IntegralType)) {
      throw call.wrongType(ARGUMENT, "a STRING or an ARRAY<INT>", "cast it");
    }
    DataType strings = DataTypes.createArrayType(DataTypes.StringType, true);
    Expression positions =
        new ArrayJoin(
            new Cast(given, strings, Option.empty(), Cast.apply$default$4()),
            Literal.create(", ", DataTypes.StringType),
            Option.apply(Literal.create("NULL", DataTypes.StringType)));
    return new If(
        new EqualTo(new Size(given, false), Literal.create(0, DataTypes.IntegerType)),
        Literal.create("none", DataTypes.StringType),
        positions);
  }

  @Override
  public Object[] elements() {
    return new Object[] {text, globalTokens};
  }

  @Override
  List<Expression> inputs() {
    return List.of(text, globalTokens);
  }

  @Override
  public boolean foldable() {
    return text.foldable() && globalTokens.foldable();
  }

  @Override
  public DataType dataType() {
    return TYPE;
  }

  @Override
  public Object eval(InternalRow row) {
    Object value = text.eval(row);
    return value == null
        ? null
        : new GenericInternalRow(new Object[] {value, globalTokens.eval(row)});
  }

  @Override
  public Expression withNewChildrenInternal(IndexedSeq<Expression> children) {
    return new OwnGlobalTokens(children.apply(0), children.apply(1));
  }

  @Override
  public String prettyName() {
    return "own_global_tokens";
  }

  @Override
  public String toString() {
    return text + ", " + ARGUMENT + " => " + globalTokens;
  }

  @Override
  public String sql() {
    return text.sql() + ", " + ARGUMENT + " => " + globalTokens.sql();
  }
}
