package io.longreach.udfs.sql;

import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;

/** Vectors in SQL: arrays of FLOAT or DOUBLE. */
final class Vectors {
  private Vectors() {}

  static void requireVector(String function, Expression vector) {
    boolean fits = vector.dataType() instanceof ArrayType array && isFloating(array.elementType());
    if (!fits) {
      throw SqlErrors.invalid(
          function,
          "a vector must be an ARRAY<FLOAT> or ARRAY<DOUBLE>, was "
              + vector.sql()
              + " of type "
              + vector.dataType().sql()
              + ": cast it",
          vector);
    }
  }

  private static boolean isFloating(DataType type) {
    return type.equals(DataTypes.FloatType) || type.equals(DataTypes.DoubleType);
  }

  /** Null where the array or one of its elements is. */
  static double[] read(ArrayData array, ArrayType type) {
    if (array == null) {
      return null;
    }
    boolean single = type.elementType().equals(DataTypes.FloatType);
    double[] vector = new double[array.numElements()];
    for (int i = 0; i < vector.length; i++) {
      if (array.isNullAt(i)) {
        return null;
      }
      vector[i] = single ? array.getFloat(i) : array.getDouble(i);
    }
    return vector;
  }
}
