package io.longreach.udfs.sql;

import io.longreach.kernels.pattern.AttentionPattern;
import io.longreach.kernels.pattern.PositionalPattern;
import java.util.List;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.UnsafeArrayData;
import org.apache.spark.sql.catalyst.util.GenericArrayData;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.IntegerType;
import org.apache.spark.sql.types.NullType;
import scala.collection.immutable.IndexedSeq;

/** {@code attention_mask}: the specification of a pattern as a table, for texts that fit a page. */
public final class AttentionMask extends CatalystFunction {
  private final Expression tokens;
  private final String pattern;

  public AttentionMask(Expression tokens, String pattern) {
    this.tokens = tokens;
    this.pattern = pattern;
  }

  static Expression of(CallArguments call) {
    String pattern = call.constantText("pattern");
    if (pattern == null) {
      throw call.invalid("pattern", "pattern must be given, was NULL: write 'dense' for all keys");
    }
    try {
      positional(pattern);
    } catch (IllegalArgumentException e) {
      throw call.invalid("pattern", e.getMessage());
    }
    Expression tokens = call.get("tokens");
    DataType type = tokens.dataType();
    if (!(type instanceof IntegerType || type instanceof NullType)) {
      throw call.wrongType("tokens", "an INT", "cast it");
    }
    if (tokens.foldable() && tokens.eval(null) instanceof Integer count) {
      try {
        requireSize(count);
        // What cannot be laid over so many tokens complains here.
        positional(pattern).parts(count);
      } catch (IllegalArgumentException e) {
        throw call.invalid(
            e.getMessage().startsWith("tokens") ? "tokens" : "pattern", e.getMessage());
      }
    }
    return new AttentionMask(tokens, pattern);
  }

  private static PositionalPattern positional(String text) {
    AttentionPattern pattern = AttentionPattern.parse(text);
    if (pattern instanceof PositionalPattern positional) {
      return positional;
    }
    throw new IllegalArgumentException(
        "pattern must depend on positions only and be that of one layer and head, was '"
            + pattern
            + "': lsh and performer have no mask");
  }

  private static void requireSize(int tokens) {
    if (tokens < 1 || tokens > PositionalPattern.MASK_TOKENS) {
      throw new IllegalArgumentException(
          "tokens must be from 1 to "
              + PositionalPattern.MASK_TOKENS
              + ", was "
              + tokens
              + ": a mask has tokens² cells, draw a shorter text");
    }
  }

  @Override
  public Object[] elements() {
    return new Object[] {tokens, pattern};
  }

  @Override
  List<Expression> inputs() {
    return List.of(tokens);
  }

  /** A literal of millions of cells would stand in every plan. */
  @Override
  public boolean foldable() {
    return false;
  }

  @Override
  public DataType dataType() {
    return DataTypes.createArrayType(
        DataTypes.createArrayType(DataTypes.BooleanType, false), false);
  }

  @Override
  public Object eval(InternalRow row) {
    Integer count = (Integer) tokens.eval(row);
    if (count == null) {
      return null;
    }
    requireSize(count);
    positional(pattern).parts(count);
    boolean[][] mask = positional(pattern).mask(count);
    Object[] rows = new Object[count];
    for (int query = 0; query < count; query++) {
      rows[query] = UnsafeArrayData.fromPrimitiveArray(mask[query]);
    }
    return new GenericArrayData(rows);
  }

  @Override
  public Expression withNewChildrenInternal(IndexedSeq<Expression> children) {
    return new AttentionMask(children.apply(0), pattern);
  }

  @Override
  public String prettyName() {
    return "attention_mask";
  }

  @Override
  public String toString() {
    return "attention_mask('" + pattern + "', " + tokens + ")";
  }

  @Override
  public String sql() {
    return "attention_mask('" + pattern + "', " + tokens.sql() + ")";
  }
}
