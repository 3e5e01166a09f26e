package io.longreach.udfs.sql;

import java.util.List;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.analysis.TypeCheckResult;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import scala.collection.immutable.IndexedSeq;

/** {@code dot_product} and {@code cosine_similarity}, summed in double precision. */
public final class VectorProduct extends CatalystFunction {
  enum Measure {
    DOT_PRODUCT,
    COSINE_SIMILARITY
  }

  private final Expression left;
  private final Expression right;
  private final Measure measure;

  public VectorProduct(Expression left, Expression right, Measure measure) {
    this.left = left;
    this.right = right;
    this.measure = measure;
  }

  @Override
  public Object[] elements() {
    return new Object[] {left, right, measure};
  }

  @Override
  List<Expression> inputs() {
    return List.of(left, right);
  }

  @Override
  public TypeCheckResult checkInputDataTypes() {
    for (Expression vector : inputs()) {
      Vectors.requireVector(prettyName(), vector);
    }
    return super.checkInputDataTypes();
  }

  @Override
  public DataType dataType() {
    return DataTypes.DoubleType;
  }

  @Override
  public Object eval(InternalRow row) {
    double[] a = Vectors.read((ArrayData) left.eval(row), (ArrayType) left.dataType());
    double[] b = Vectors.read((ArrayData) right.eval(row), (ArrayType) right.dataType());
    if (a == null || b == null) {
      return null;
    }
    if (a.length != b.length) {
      throw new IllegalArgumentException(
          String.format(
              "%s needs vectors of one length, had %d and %d: use one model for both",
              prettyName(), a.length, b.length));
    }
    double product = dot(a, b);
    // A vector of zeros has no direction: 0 / 0 is NULL, as SQL has it.
    double lengths = measure == Measure.DOT_PRODUCT ? 1 : Math.sqrt(dot(a, a) * dot(b, b));
    return lengths == 0 ? null : (Object) (product / lengths);
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  @Override
  public Expression withNewChildrenInternal(IndexedSeq<Expression> children) {
    return new VectorProduct(children.apply(0), children.apply(1), measure);
  }

  @Override
  public String prettyName() {
    return measure.name().toLowerCase(java.util.Locale.ROOT);
  }

  @Override
  public String toString() {
    return prettyName() + "(" + left + ", " + right + ")";
  }

  @Override
  public String sql() {
    return prettyName() + "(" + left.sql() + ", " + right.sql() + ")";
  }
}
