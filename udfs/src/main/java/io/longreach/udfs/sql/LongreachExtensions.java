package io.longreach.udfs.sql;

import io.longreach.udfs.map.MapInArrowStrategy;
import org.apache.spark.sql.SparkSessionExtensions;
import org.apache.spark.sql.SparkSessionExtensionsProvider;
import org.apache.spark.sql.catalyst.FunctionIdentifier;
import scala.Tuple3;
import scala.runtime.BoxedUnit;

/** Registers the SQL functions in every session: Spark finds it when the jar is on its path. */
public final class LongreachExtensions implements SparkSessionExtensionsProvider {

  @Override
  public BoxedUnit apply(SparkSessionExtensions extensions) {
    for (SqlFunction function : SqlFunction.values()) {
      extensions.injectFunction(
          new Tuple3<>(
              new FunctionIdentifier(function.sqlName()), function.info(), function::build));
    }
    extensions.injectPlannerStrategy(session -> new MapInArrowStrategy());
    return BoxedUnit.UNIT;
  }
}
