package io.longreach.udfs;

import com.esotericsoftware.kryo.Kryo;
import java.util.List;
import org.apache.spark.serializer.KryoRegistrator;

/**
 * Registers every class that a Longreach job serialises with Kryo, so that {@code
 * spark.kryo.registrationRequired=true} holds.
 */
public final class LongreachKryoRegistrator implements KryoRegistrator {

  /** By name: most are private to Spark. */
  private static final List<String> CLASSES =
      List.of(
          "[[I",
          "[[J",
          "[Ljava.lang.String;",
          "java.util.TreeMap",
          "java.util.ArrayList",
          "org.apache.spark.sql.execution.datasources.WriteTaskResult",
          "org.apache.spark.sql.execution.datasources.ExecutedWriteSummary",
          "org.apache.spark.sql.execution.datasources.BasicWriteTaskStats",
          "org.apache.spark.internal.io.FileCommitProtocol$TaskCommitMessage",
          // Rows on their way to a driver that iterates over them.
          "[Lorg.apache.spark.util.io.ChunkedByteBuffer;",
          // Schemas that executors read from files.
          "org.apache.spark.sql.types.ArrayType",
          "org.apache.spark.sql.types.MapType",
          "org.apache.spark.sql.types.StructType",
          "org.apache.spark.sql.types.StructField",
          "org.apache.spark.sql.types.DecimalType",
          "org.apache.spark.sql.types.Metadata",
          "org.apache.spark.sql.types.Metadata$",
          "org.apache.spark.sql.types.StringType",
          "org.apache.spark.sql.types.StringType$",
          "org.apache.spark.sql.types.BinaryType",
          "org.apache.spark.sql.types.BinaryType$",
          "org.apache.spark.sql.types.BooleanType",
          "org.apache.spark.sql.types.BooleanType$",
          "org.apache.spark.sql.types.ByteType",
          "org.apache.spark.sql.types.ByteType$",
          "org.apache.spark.sql.types.ShortType",
          "org.apache.spark.sql.types.ShortType$",
          "org.apache.spark.sql.types.IntegerType",
          "org.apache.spark.sql.types.IntegerType$",
          "org.apache.spark.sql.types.LongType",
          "org.apache.spark.sql.types.LongType$",
          "org.apache.spark.sql.types.FloatType",
          "org.apache.spark.sql.types.FloatType$",
          "org.apache.spark.sql.types.DoubleType",
          "org.apache.spark.sql.types.DoubleType$",
          "org.apache.spark.sql.types.DateType",
          "org.apache.spark.sql.types.DateType$",
          "org.apache.spark.sql.types.TimestampType",
          "org.apache.spark.sql.types.TimestampType$",
          "org.apache.spark.sql.types.TimestampNTZType",
          "org.apache.spark.sql.types.TimestampNTZType$",
          "org.apache.spark.sql.types.DayTimeIntervalType",
          "org.apache.spark.sql.types.YearMonthIntervalType",
          "org.apache.spark.sql.types.NullType",
          "org.apache.spark.sql.types.NullType$",
          "[Lorg.apache.spark.sql.types.StructField;",
          "org.apache.spark.sql.catalyst.util.StringNonExpr",
          "scala.collection.immutable.Map$EmptyMap$");

  @Override
  public void registerClasses(Kryo kryo) {
    for (String name : CLASSES) {
      try {
        kryo.register(Class.forName(name, false, getClass().getClassLoader()));
      } catch (ClassNotFoundException e) {
        // Another version of Spark without this class.
      }
    }
  }
}
