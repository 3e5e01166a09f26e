package io.longreach.udfs.sql;

import io.longreach.encoders.Precision;
import org.apache.spark.sql.catalyst.expressions.UnsafeArrayData;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;

/** What stores a dimension of an embedding. */
public enum VectorPrecision {
  /** {@code ARRAY<FLOAT>}. */
  FLOAT32(DataTypes.createArrayType(DataTypes.FloatType, false)) {
    @Override
    Object value(float[] vector) {
      return UnsafeArrayData.fromPrimitiveArray(vector);
    }
  },
  /** {@code ARRAY<TINYINT>}, the largest magnitude of a vector being 127: cosines stay. */
  INT8(DataTypes.createArrayType(DataTypes.ByteType, false)) {
    @Override
    Object value(float[] vector) {
      return UnsafeArrayData.fromPrimitiveArray(Precision.int8(vector));
    }
  },
  /** {@code BINARY}, a bit for each dimension, set where it is positive, the first one highest. */
  BINARY(DataTypes.BinaryType) {
    @Override
    Object value(float[] vector) {
      return Precision.binary(vector);
    }
  };

  private final DataType type;

  VectorPrecision(DataType type) {
    this.type = type;
  }

  DataType type() {
    return type;
  }

  /** The vector in Catalyst's own representation. */
  abstract Object value(float[] vector);
}
