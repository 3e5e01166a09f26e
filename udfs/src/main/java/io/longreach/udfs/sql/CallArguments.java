package io.longreach.udfs.sql;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.catalyst.plans.logical.FunctionSignature;
import org.apache.spark.sql.catalyst.plans.logical.InputParameter;
import org.apache.spark.sql.catalyst.plans.logical.NamedParametersSupport;
import org.apache.spark.sql.internal.SQLConf;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.IntegralType;
import org.apache.spark.sql.types.NullType;
import org.apache.spark.sql.types.StringType;
import scala.Option;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/**
 * The arguments of one call, by the names of the function's parameters. Wrong names and numbers of
 * arguments get Spark's own errors; what is wrong otherwise points at the argument.
 */
final class CallArguments {
  private final String function;
  private final Map<String, Expression> given = new LinkedHashMap<>();

  CallArguments(String function, List<SqlParameter> parameters, Seq<Expression> arguments) {
    this.function = function;
    List<Expression> arranged =
        CollectionConverters.asJava(
            NamedParametersSupport.defaultRearrange(
                signature(parameters), arguments, function, SQLConf.get().resolver()));
    for (int i = 0; i < arranged.size(); i++) {
      given.put(parameters.get(i).name(), arranged.get(i));
    }
  }

  private static FunctionSignature signature(List<SqlParameter> parameters) {
    List<InputParameter> inputs =
        parameters.stream()
            .map(
                parameter ->
                    new InputParameter(
                        parameter.name(),
                        parameter.isOptional() ? Option.apply(missing()) : Option.empty()))
            .toList();
    return new FunctionSignature(CollectionConverters.asScala(inputs).toSeq());
  }

  private static Expression missing() {
    return Literal.create(null, DataTypes.NullType);
  }

  String function() {
    return function;
  }

  Expression get(String name) {
    return given.get(name);
  }

  /** Whether a call says it, and not NULL for the default. */
  boolean isGiven(String name) {
    return given.containsKey(name) && !(given.get(name).dataType() instanceof NullType);
  }

  /** A text; an untyped NULL is one. */
  Expression text(String name) {
    Expression text = get(name);
    if (text.dataType() instanceof NullType) {
      return Literal.create(null, DataTypes.StringType);
    }
    if (!(text.dataType() instanceof StringType)) {
      throw wrongType(name, "a STRING", "cast it");
    }
    return text;
  }

  /** The value of a constant text, null where it is not given. */
  String constantText(String name) {
    Object value = constant(name);
    if (value != null && !(get(name).dataType() instanceof StringType)) {
      throw wrongType(name, "a STRING", "write it in quotes");
    }
    return value == null ? null : value.toString();
  }

  /** The digits of a constant whole number, null where it is not given. */
  String constantNumber(String name) {
    Object value = constant(name);
    if (value != null && !(get(name).dataType() instanceof IntegralType)) {
      throw wrongType(name, "an INT", "write a whole number");
    }
    return value == null ? null : value.toString();
  }

  private Object constant(String name) {
    Expression expression = get(name);
    if (expression == null) {
      return null;
    }
    if (!expression.foldable()) {
      throw invalid(
          name, name + " must be constant, was " + expression.sql() + ": write a literal");
    }
    return expression.eval(null);
  }

  RuntimeException wrongType(String name, String wanted, String remedy) {
    Expression found = get(name);
    return invalid(
        name,
        String.format(
            "%s must be %s, was %s of type %s: %s",
            name, wanted, found.sql(), found.dataType().sql(), remedy));
  }

  /** An error of analysis that points at the argument. */
  RuntimeException invalid(String name, String reason) {
    return SqlErrors.invalid(function, reason, get(name));
  }
}
