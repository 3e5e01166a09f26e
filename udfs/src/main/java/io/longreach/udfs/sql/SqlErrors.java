package io.longreach.udfs.sql;

import org.apache.spark.QueryContext;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.trees.Origin;
import scala.Option;

/** Errors of Spark's analysis, which point at the argument that is wrong. */
final class SqlErrors {
  private static final String CONDITION = "LONGREACH_INVALID_ARGUMENT";

  /** Invalid parameter value. */
  private static final String SQL_STATE = "22023";

  private SqlErrors() {}

  /**
   * Throws Spark's AnalysisException, which is checked, from code that declares nothing.
   *
   * @param argument null where the call as a whole is wrong
   */
  static RuntimeException invalid(String function, String reason, Expression argument) {
    QueryContext[] contexts =
        argument == null ? new QueryContext[0] : argument.origin().getQueryContext();
    String where = contexts.length == 0 ? "" : System.lineSeparator() + contexts[0].summary();
    return sneaky(
        new InvalidArgument(
            "[" + CONDITION + "] `" + function + "`: " + reason + " SQLSTATE: " + SQL_STATE + where,
            contexts));
  }

  /** Spark lets the errors of a function's builder point at the call; ours point closer. */
  private static final class InvalidArgument extends AnalysisException {
    private static final long serialVersionUID = 1L;

    InvalidArgument(String message, QueryContext[] contexts) {
      super(
          message,
          Option.empty(),
          Option.empty(),
          Option.empty(),
          // Spark Connect looks conditions up in Spark's own list, and loses the error on others.
          Option.empty(),
          scala.collection.immutable.Map$.MODULE$.empty(),
          contexts,
          Option.apply(SQL_STATE),
          Option.empty());
    }

    @Override
    public AnalysisException withPosition(Origin call) {
      return getQueryContext().length == 0 ? super.withPosition(call) : this;
    }
  }

  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  private static <T extends Throwable> RuntimeException sneaky(Throwable failure) throws T {
    throw (T) failure;
  }
}
