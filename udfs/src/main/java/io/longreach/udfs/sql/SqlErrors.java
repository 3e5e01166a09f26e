package io.longreach.udfs.sql;

import org.apache.spark.QueryContext;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.catalyst.expressions.Expression;
import scala.Option;

/** Errors of Spark's analysis, which point at the argument that is wrong. */
final class SqlErrors {
  private static final String CONDITION = "LONGREACH_INVALID_ARGUMENT";

  /** Invalid parameter value. */
  private static final String SQL_STATE = "22023";

  private SqlErrors() {}

  /** Throws Spark's unchecked AnalysisException from code that declares nothing. */
  static RuntimeException invalid(String function, String reason, Expression argument) {
    QueryContext context =
        argument == null
            ? null
            : argument.origin().getQueryContext().length == 0
                ? null
                : argument.origin().getQueryContext()[0];
    QueryContext[] contexts = context == null ? new QueryContext[0] : new QueryContext[] {context};
    String where = context == null ? "" : System.lineSeparator() + context.summary();
    return sneaky(
        new AnalysisException(
            "[" + CONDITION + "] `" + function + "`: " + reason + " SQLSTATE: " + SQL_STATE + where,
            Option.empty(),
            Option.empty(),
            Option.empty(),
            Option.apply(CONDITION),
            scala.collection.immutable.Map$.MODULE$.empty(),
            contexts,
            Option.empty(),
            Option.apply(SQL_STATE)));
  }

  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  private static <T extends Throwable> RuntimeException sneaky(Throwable failure) throws T {
    throw (T) failure;
  }
}
