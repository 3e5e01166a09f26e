package io.longreach.udfs.sql;

import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;

/** Vectors in SQL: arrays of FLOAT, DOUBLE or TINYINT; matrices are arrays of such. */
final class Vectors {
  private Vectors() {}

  static void requireVector(String function, Expression vector) {
    if (!isVector(vector.dataType())) {
      throw SqlErrors.invalid(
          function,
          "a vector must be an ARRAY<FLOAT>, ARRAY<DOUBLE> or ARRAY<TINYINT>, was "
              + vector.sql()
              + " of type "
              + vector.dataType().sql()
              + ": cast it",
          vector);
    }
  }

  static boolean isVector(DataType type) {
    return type instanceof ArrayType array
        && (array.elementType().equals(DataTypes.FloatType)
            || array.elementType().equals(DataTypes.DoubleType)
            || array.elementType().equals(DataTypes.ByteType));
  }

  /** Whether rows of a type are vectors. */
  static boolean isMatrix(DataType type) {
    return type instanceof ArrayType array && isVector(array.elementType());
  }

  /** Null where the array or one of its elements is. */
  static double[] read(ArrayData array, ArrayType type) {
    if (array == null) {
      return null;
    }
    double[] vector = new double[array.numElements()];
    for (int i = 0; i < vector.length; i++) {
      if (array.isNullAt(i)) {
        return null;
      }
      vector[i] = element(array, i, type.elementType());
    }
    return vector;
  }

  private static double element(ArrayData array, int index, DataType type) {
    if (type.equals(DataTypes.FloatType)) {
      return array.getFloat(index);
    }
    return type.equals(DataTypes.DoubleType) ? array.getDouble(index) : array.getByte(index);
  }
}
