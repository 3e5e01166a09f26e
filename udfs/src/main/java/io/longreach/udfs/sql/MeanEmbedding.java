package io.longreach.udfs.sql;

import io.longreach.udfs.CatalystNode;
import java.io.Serializable;
import java.util.List;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Cast$;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.catalyst.expressions.UnsafeArrayData;
import org.apache.spark.sql.catalyst.expressions.aggregate.ImperativeAggregate;
import org.apache.spark.sql.catalyst.expressions.aggregate.TypedImperativeAggregate;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.NumericType;
import scala.collection.immutable.IndexedSeq;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/** {@code mean_embedding}: the mean of the vectors of a group, weighted if asked. */
public final class MeanEmbedding extends TypedImperativeAggregate<VectorSums>
    implements Serializable, CatalystNode {
  private static final Literal EVEN = Literal.create(1.0, DataTypes.DoubleType);

  private final Expression embedding;
  private final Expression weight;
  private final int mutableOffset;
  private final int inputOffset;

  public MeanEmbedding(
      Expression embedding, Expression weight, int mutableOffset, int inputOffset) {
    this.embedding = embedding;
    this.weight = weight;
    this.mutableOffset = mutableOffset;
    this.inputOffset = inputOffset;
  }

  static Expression of(CallArguments call) {
    Vectors.requireVector(call.function(), call.get("embedding"));
    if (!call.isGiven("weight")) {
      return new MeanEmbedding(call.get("embedding"), EVEN, 0, 0);
    }
    Expression weight = call.get("weight");
    if (!(weight.dataType() instanceof NumericType)) {
      throw call.wrongType("weight", "a number", "cast it");
    }
    Expression wide =
        weight.dataType().equals(DataTypes.DoubleType)
            ? weight
            : Cast$.MODULE$.apply(weight, DataTypes.DoubleType, false);
    return new MeanEmbedding(call.get("embedding"), wide, 0, 0);
  }

  @Override
  public DataType dataType() {
    boolean wide = elementType().equals(DataTypes.DoubleType);
    return DataTypes.createArrayType(wide ? DataTypes.DoubleType : DataTypes.FloatType, false);
  }

  private DataType elementType() {
    return ((ArrayType) embedding.dataType()).elementType();
  }

  @Override
  public boolean nullable() {
    return true;
  }

  @Override
  public VectorSums createAggregationBuffer() {
    return new VectorSums();
  }

  @Override
  public VectorSums update(VectorSums sums, InternalRow row) {
    double[] vector =
        Vectors.read((ArrayData) embedding.eval(row), (ArrayType) embedding.dataType());
    Object counts = weight.eval(row);
    if (vector != null && counts != null) {
      sums.add(vector, (Double) counts);
    }
    return sums;
  }

  @Override
  public VectorSums merge(VectorSums sums, VectorSums other) {
    sums.add(other);
    return sums;
  }

  @Override
  public Object eval(VectorSums sums) {
    double[] mean = sums.mean();
    if (mean == null) {
      return null;
    }
    if (elementType().equals(DataTypes.DoubleType)) {
      return UnsafeArrayData.fromPrimitiveArray(mean);
    }
    float[] floats = new float[mean.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) mean[i];
    }
    return UnsafeArrayData.fromPrimitiveArray(floats);
  }

  @Override
  public byte[] serialize(VectorSums sums) {
    return sums.bytes();
  }

  @Override
  public VectorSums deserialize(byte[] bytes) {
    return VectorSums.of(bytes);
  }

  @Override
  public int mutableAggBufferOffset() {
    return mutableOffset;
  }

  @Override
  public int inputAggBufferOffset() {
    return inputOffset;
  }

  @Override
  public ImperativeAggregate withNewMutableAggBufferOffset(int offset) {
    return new MeanEmbedding(embedding, weight, offset, inputOffset);
  }

  @Override
  public ImperativeAggregate withNewInputAggBufferOffset(int offset) {
    return new MeanEmbedding(embedding, weight, mutableOffset, offset);
  }

  @Override
  public Seq<Expression> children() {
    return CollectionConverters.asScala(List.of(embedding, weight)).toSeq();
  }

  @Override
  public Expression withNewChildrenInternal(IndexedSeq<Expression> children) {
    return new MeanEmbedding(children.apply(0), children.apply(1), mutableOffset, inputOffset);
  }

  @Override
  public String prettyName() {
    return "mean_embedding";
  }

  @Override
  public String sql(boolean isDistinct) {
    String weights = weight.equals(EVEN) ? "" : ", " + weight.sql();
    return "mean_embedding(" + (isDistinct ? "DISTINCT " : "") + embedding.sql() + weights + ")";
  }

  @Override
  public Object[] elements() {
    return new Object[] {embedding, weight, mutableOffset, inputOffset};
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
