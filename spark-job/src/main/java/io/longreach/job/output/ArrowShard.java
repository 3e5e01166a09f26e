package io.longreach.job.output;

import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.Float4Vector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.complex.FixedSizeListVector;
import org.apache.arrow.vector.ipc.ArrowFileWriter;
import org.apache.arrow.vector.types.FloatingPointPrecision;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.types.pojo.Schema;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.util.ArrowUtils;

/**
 * An Arrow IPC file: the embedding is a FixedSizeList of Float32, so that readers get a matrix
 * without a copy.
 */
final class ArrowShard implements Shard {
  private static final long serialVersionUID = 1L;
  private static final int BATCH_ROWS = 1024;

  @Override
  public void write(FileSystem fileSystem, Path base, Iterator<Row> rows, long count)
      throws IOException {
    if (!rows.hasNext()) {
      return;
    }
    Row first = rows.next();
    try (BufferAllocator allocator =
            ArrowUtils.rootAllocator().newChildAllocator("longreach-arrow", 0, Long.MAX_VALUE);
        VectorSchemaRoot root = VectorSchemaRoot.create(schema(first), allocator);
        ArrowFileWriter writer =
            new ArrowFileWriter(
                root, null, Channels.newChannel(fileSystem.create(base.suffix(".arrow"), true)))) {
      writer.start();
      for (Row row = first; row != null; ) {
        root.allocateNew();
        int filled = 0;
        while (row != null && filled < BATCH_ROWS) {
          set(root, filled++, row);
          row = rows.hasNext() ? rows.next() : null;
        }
        root.setRowCount(filled);
        writer.writeBatch();
      }
      writer.end();
    }
  }

  private static Schema schema(Row first) {
    List<Field> fields = new ArrayList<>();
    for (StructField field : first.schema().fields()) {
      if (field.name().equals("embedding")) {
        int dimensions = first.getList(first.fieldIndex("embedding")).size();
        ArrowType number = new ArrowType.FloatingPoint(FloatingPointPrecision.SINGLE);
        fields.add(
            new Field(
                field.name(),
                FieldType.notNullable(new ArrowType.FixedSizeList(dimensions)),
                List.of(new Field("item", FieldType.notNullable(number), null))));
      } else {
        fields.add(new Field(field.name(), FieldType.nullable(type(field.dataType())), null));
      }
    }
    return new Schema(fields);
  }

  private static ArrowType type(DataType type) {
    if (type.equals(DataTypes.LongType)) {
      return new ArrowType.Int(64, true);
    }
    return type.equals(DataTypes.IntegerType)
        ? new ArrowType.Int(32, true)
        : ArrowType.Utf8.INSTANCE;
  }

  private static void set(VectorSchemaRoot root, int at, Row row) {
    for (FieldVector vector : root.getFieldVectors()) {
      Object value = row.getAs(vector.getName());
      if (value == null) {
        vector.setNull(at);
      } else if (vector instanceof FixedSizeListVector list) {
        setVector(list, at, row.getList(row.fieldIndex(vector.getName())));
      } else if (vector instanceof BigIntVector longs) {
        longs.setSafe(at, (Long) value);
      } else if (vector instanceof IntVector ints) {
        ints.setSafe(at, (Integer) value);
      } else {
        ((VarCharVector) vector).setSafe(at, ((String) value).getBytes(StandardCharsets.UTF_8));
      }
    }
  }

  private static void setVector(FixedSizeListVector list, int at, List<Float> values) {
    if (values.size() != list.getListSize()) {
      throw new IllegalStateException(
          "rows of one file must have "
              + list.getListSize()
              + " dimensions, one has "
              + values.size()
              + ": write vectors of several models to several outputs");
    }
    int from = list.startNewValue(at);
    Float4Vector numbers = (Float4Vector) list.getDataVector();
    for (int i = 0; i < values.size(); i++) {
      numbers.setSafe(from + i, values.get(i));
    }
  }
}
