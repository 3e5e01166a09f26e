package io.longreach.udfs.sql;

import io.longreach.udfs.CatalystNode;
import java.io.Serializable;
import java.util.List;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.codegen.CodegenContext;
import org.apache.spark.sql.catalyst.expressions.codegen.CodegenFallback;
import org.apache.spark.sql.catalyst.expressions.codegen.ExprCode;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/** What Catalyst wants of an expression that is written in Java and interpreted. */
abstract class CatalystFunction extends Expression
    implements CatalystNode, CodegenFallback, Serializable {

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
  public boolean equals(Object other) {
    return isEqual(other);
  }

  @Override
  public int hashCode() {
    return super.hashCode();
  }
}
