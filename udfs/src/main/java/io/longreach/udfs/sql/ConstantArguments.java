package io.longreach.udfs.sql;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.catalyst.plans.logical.FunctionSignature;
import org.apache.spark.sql.catalyst.plans.logical.InputParameter;
import org.apache.spark.sql.catalyst.plans.logical.NamedParametersSupport;
import org.apache.spark.sql.internal.SQLConf;
import org.apache.spark.sql.types.IntegralType;
import org.apache.spark.sql.types.StringType;
import scala.Option;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/** Reads the arguments of a call: the text, then constants by position or by name. */
final class ConstantArguments {
  private ConstantArguments() {}

  /** The text and the checked settings of a call. */
  record Call(Expression text, EmbedSettings settings, String given) {}

  static Call read(String function, Seq<Expression> arguments) {
    List<InputParameter> parameters = new ArrayList<>();
    parameters.add(new InputParameter("text", Option.empty()));
    for (SqlArgument argument : SqlArgument.values()) {
      Expression fallback = Literal.create(null, org.apache.spark.sql.types.DataTypes.NullType);
      parameters.add(new InputParameter(argument.argument(), Option.apply(fallback)));
    }
    FunctionSignature signature =
        new FunctionSignature(CollectionConverters.asScala(parameters).toSeq());
    List<Expression> given =
        CollectionConverters.asJava(
            NamedParametersSupport.defaultRearrange(
                signature, arguments, function, SQLConf.get().resolver()));
    Map<SqlArgument, String> values = new EnumMap<>(SqlArgument.class);
    StringBuilder shown = new StringBuilder();
    Expression pointed = given.get(0);
    for (SqlArgument argument : SqlArgument.values()) {
      Expression expression = given.get(argument.ordinal() + 1);
      Object value = value(function, argument, expression);
      if (value != null) {
        pointed = expression;
        shown.append(", ").append(argument.argument()).append(" => ").append(expression.sql());
      }
      values.put(
          argument,
          value == null
              ? SQLConf.get().getConfString(argument.setting(), argument.initial())
              : value.toString());
    }
    try {
      return new Call(given.get(0), EmbedSettings.of(values), shown.toString());
    } catch (IllegalArgumentException e) {
      throw SqlErrors.invalid(function, e.getMessage(), pointed(e.getMessage(), given, pointed));
    }
  }

  /** The argument that a message names first, as all our messages do. */
  private static Expression pointed(String message, List<Expression> given, Expression otherwise) {
    for (SqlArgument argument : SqlArgument.values()) {
      if (message.startsWith(argument.argument())) {
        return given.get(argument.ordinal() + 1);
      }
    }
    return otherwise;
  }

  private static Object value(String function, SqlArgument argument, Expression expression) {
    if (!expression.foldable()) {
      throw SqlErrors.invalid(
          function,
          argument.argument() + " must be constant, was " + expression.sql() + ": write a literal",
          expression);
    }
    Object value = expression.eval(null);
    boolean fits =
        argument.isNumber()
            ? expression.dataType() instanceof IntegralType
            : expression.dataType() instanceof StringType;
    if (value != null && !fits) {
      throw SqlErrors.invalid(
          function,
          String.format(
              "%s must be %s, was %s of type %s: write %s",
              argument.argument(),
              argument.isNumber() ? "an INT" : "a STRING",
              expression.sql(),
              expression.dataType().sql(),
              argument.isNumber() ? "a whole number" : "it in quotes"),
          expression);
    }
    return value;
  }
}
