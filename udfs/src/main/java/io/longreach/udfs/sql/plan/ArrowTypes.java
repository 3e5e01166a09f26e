package io.longreach.udfs.sql.plan;

import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.BinaryType;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.DayTimeIntervalType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.NullType;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.types.TimestampNTZType;
import org.apache.spark.sql.types.TimestampType;
import org.apache.spark.sql.types.YearMonthIntervalType;

/** What Spark writes to columns of Arrow and reads from them again, unchanged. */
final class ArrowTypes {
  private ArrowTypes() {}

  /** Whether columns of Arrow hold values of a type. Not those of users, of variants and shapes. */
  static boolean hold(DataType type) {
    if (type instanceof ArrayType array) {
      return hold(array.elementType());
    }
    if (type instanceof MapType map) {
      return hold(map.keyType()) && hold(map.valueType());
    }
    if (type instanceof StructType struct) {
      for (StructField field : struct.fields()) {
        if (!hold(field.dataType())) {
          return false;
        }
      }
      return true;
    }
    return type instanceof NumericType
        || type instanceof StringType
        || type instanceof BinaryType
        || type instanceof BooleanType
        || type instanceof DateType
        || type instanceof TimestampType
        || type instanceof TimestampNTZType
        || type instanceof YearMonthIntervalType
        || type instanceof DayTimeIntervalType
        || type instanceof NullType;
  }
}
