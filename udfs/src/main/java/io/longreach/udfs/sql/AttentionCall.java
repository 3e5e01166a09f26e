package io.longreach.udfs.sql;

import io.longreach.encoders.transformer.RowAttention;
import io.longreach.kernels.cpu.CpuDevice;
import io.longreach.kernels.device.Device;
import io.longreach.kernels.pattern.AttentionPattern;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.apache.spark.TaskContext;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.UnsafeArrayData;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.catalyst.util.GenericArrayData;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import scala.collection.immutable.IndexedSeq;

/** {@code attention}: the CPU device's kernels over people's own vectors, a document a row. */
public final class AttentionCall extends CatalystFunction {
  /** One for each number of threads, until the JVM ends. */
  private static final Map<Integer, Device> DEVICES = new ConcurrentHashMap<>();

  private final Expression query;
  private final Expression key;
  private final Expression value;
  private final String pattern;
  private final int heads;
  private transient volatile RowAttention attention;

  public AttentionCall(
      Expression query, Expression key, Expression value, String pattern, int heads) {
    this.query = query;
    this.key = key;
    this.value = value;
    this.pattern = pattern;
    this.heads = heads;
  }

  static Expression of(CallArguments call) {
    for (String name : List.of("query", "key", "value")) {
      if (!Vectors.isMatrix(call.get(name).dataType())) {
        throw call.wrongType(name, "an ARRAY<ARRAY<FLOAT>>", "give a row for each token");
      }
    }
    String pattern = call.constantText("pattern");
    if (pattern == null) {
      throw call.invalid("pattern", "pattern must be given, was NULL: write 'dense' for all keys");
    }
    int heads = heads(call);
    try {
      new RowAttention(device(1), AttentionPattern.parse(pattern), heads);
    } catch (IllegalArgumentException e) {
      throw call.invalid(e.getMessage().startsWith("heads") ? "heads" : "pattern", e.getMessage());
    }
    return new AttentionCall(call.get("query"), call.get("key"), call.get("value"), pattern, heads);
  }

  private static int heads(CallArguments call) {
    String text = call.constantNumber("heads");
    try {
      return text == null ? 1 : Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw call.invalid("heads", "heads must be a small number, was " + text + ": give 1");
    }
  }

  private static Device device(int threads) {
    return DEVICES.computeIfAbsent(threads, CpuDevice::create);
  }

  @Override
  public Object[] elements() {
    return new Object[] {query, key, value, pattern, heads};
  }

  @Override
  List<Expression> inputs() {
    return List.of(query, key, value);
  }

  @Override
  public DataType dataType() {
    return DataTypes.createArrayType(DataTypes.createArrayType(DataTypes.FloatType, false), false);
  }

  @Override
  public Object eval(InternalRow row) {
    double[][][] all = new double[3][][];
    for (int i = 0; i < all.length; i++) {
      Expression input = inputs().get(i);
      all[i] = matrix((ArrayData) input.eval(row), (ArrayType) input.dataType());
    }
    if (Stream.of(all).anyMatch(Objects::isNull)) {
      return null;
    }
    int tokens = all[0].length;
    int columns = tokens == 0 ? 0 : all[0][0].length;
    RowAttention.Rows rows =
        new RowAttention.Rows(
            flat("query", all[0], tokens, columns),
            flat("key", all[1], tokens, columns),
            flat("value", all[2], tokens, columns),
            tokens,
            columns);
    return arrays(attention().context(rows), tokens, columns);
  }

  private RowAttention attention() {
    RowAttention made = attention;
    if (made == null) {
      TaskContext task = TaskContext.get();
      Device device = device(task == null ? 1 : task.cpus());
      made = new RowAttention(device, AttentionPattern.parse(pattern), heads);
      attention = made;
    }
    return made;
  }

  /** Null where the array, a row or an element is. */
  private static double[][] matrix(ArrayData array, ArrayType type) {
    if (array == null) {
      return null;
    }
    double[][] rows = new double[array.numElements()][];
    for (int i = 0; i < rows.length; i++) {
      rows[i] =
          array.isNullAt(i)
              ? null
              : Vectors.read(array.getArray(i), (ArrayType) type.elementType());
      if (rows[i] == null) {
        return null;
      }
    }
    return rows;
  }

  private static float[] flat(String name, double[][] rows, int tokens, int columns) {
    if (rows.length != tokens) {
      throw new IllegalArgumentException(
          String.format(
              "attention needs as many rows of %s as of query, had %d and %d: a pattern lies over"
                  + " one document",
              name, rows.length, tokens));
    }
    float[] flat = new float[Math.multiplyExact(tokens, columns)];
    for (int token = 0; token < tokens; token++) {
      if (rows[token].length != columns) {
        throw new IllegalArgumentException(
            String.format(
                "attention needs rows of one length, had %d in row 0 of query and %d in row %d of"
                    + " %s: make the shorter ones longer by zeros",
                columns, rows[token].length, token, name));
      }
      for (int column = 0; column < columns; column++) {
        flat[token * columns + column] = (float) rows[token][column];
      }
    }
    return flat;
  }

  private static Object arrays(float[] context, int tokens, int columns) {
    Object[] rows = new Object[tokens];
    for (int token = 0; token < tokens; token++) {
      float[] row = Arrays.copyOfRange(context, token * columns, (token + 1) * columns);
      rows[token] = UnsafeArrayData.fromPrimitiveArray(row);
    }
    return new GenericArrayData(rows);
  }

  @Override
  public Expression withNewChildrenInternal(IndexedSeq<Expression> children) {
    return new AttentionCall(
        children.apply(0), children.apply(1), children.apply(2), pattern, heads);
  }

  @Override
  public String prettyName() {
    return "attention";
  }

  @Override
  public String toString() {
    return text(query.toString(), key.toString(), value.toString());
  }

  @Override
  public String sql() {
    return text(query.sql(), key.sql(), value.sql());
  }

  private String text(String queries, String keys, String values) {
    return String.format("attention(%s, %s, %s, '%s', %d)", queries, keys, values, pattern, heads);
  }
}
