package io.longreach.udfs.sql;

import java.io.Serializable;
import java.util.List;
import java.util.Objects;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.codegen.CodegenContext;
import org.apache.spark.sql.catalyst.expressions.codegen.CodegenFallback;
import org.apache.spark.sql.catalyst.expressions.codegen.ExprCode;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/** What Catalyst wants of an expression that is written in Java and interpreted. */
abstract class CatalystFunction extends Expression implements CodegenFallback, Serializable {

  /** Constructor arguments in their order: Catalyst copies nodes by reflection. */
  abstract Object[] elements();

  abstract List<Expression> inputs();

  @Override
  public Seq<Expression> children() {
    return CollectionConverters.asScala(inputs()).toSeq();
  }

  @Override
  public boolean nullable() {
    return true;
  }

  @Override
  public ExprCode doGenCode(CodegenContext context, ExprCode code) {
    return CodegenFallback.super.doGenCode(context, code);
  }

  @Override
  public int productArity() {
    return elements().length;
  }

  @Override
  public Object productElement(int index) {
    return elements()[index];
  }

  @Override
  public boolean canEqual(Object other) {
    return getClass().isInstance(other);
  }

  @Override
  public boolean equals(Object other) {
    return other != null
        && other.getClass() == getClass()
        && Objects.deepEquals(elements(), ((CatalystFunction) other).elements());
  }

  @Override
  public int hashCode() {
    return Objects.hash(elements());
  }
}
