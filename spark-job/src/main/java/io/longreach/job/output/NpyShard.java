package io.longreach.job.output;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.List;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Row;

/**
 * A NumPy matrix, {@code [rows, dimensions]} little-endian float32, and beside it a file of JSON
 * lines with the other columns: line i is of row i.
 *
 * <p><b>Source.</b> The NPY format, version 1.0.
 */
final class NpyShard implements Shard {
  private static final long serialVersionUID = 1L;
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final int ALIGNMENT = 64;
  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0};

  @Override
  public void write(FileSystem fileSystem, Path base, Iterator<Row> rows, long count)
      throws IOException {
    if (!rows.hasNext()) {
      return;
    }
    try (OutputStream matrix = create(fileSystem, base.suffix(".npy"));
        OutputStream lines = create(fileSystem, base.suffix(".jsonl"))) {
      int dimensions = -1;
      while (rows.hasNext()) {
        Row row = rows.next();
        List<Float> vector = row.getList(row.fieldIndex("embedding"));
        if (dimensions < 0) {
          dimensions = vector.size();
          matrix.write(header(count, dimensions));
        }
        matrix.write(bytes(vector, dimensions));
        lines.write(line(row));
      }
    }
  }

  private static OutputStream create(FileSystem fileSystem, Path path) throws IOException {
    return new BufferedOutputStream(fileSystem.create(path, true), 1 << 16);
  }

  /** Padded with spaces to a multiple of {@value #ALIGNMENT} bytes, so that it can be mapped. */
  static byte[] header(long rows, int dimensions) {
    String shape =
        "{'descr': '<f4', 'fortran_order': False, 'shape': (" + rows + ", " + dimensions + "), }";
    int start = MAGIC.length + Short.BYTES;
    int length = (start + shape.length() + 1 + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT - start;
    ByteBuffer header = ByteBuffer.allocate(start + length).order(ByteOrder.LITTLE_ENDIAN);
    header.put(MAGIC).putShort((short) length);
    header.put(shape.getBytes(StandardCharsets.US_ASCII));
    while (header.remaining() > 1) {
      header.put((byte) ' ');
    }
    return header.put((byte) '\n').array();
  }

  private static byte[] bytes(List<Float> vector, int dimensions) {
    if (vector.size() != dimensions) {
      throw new IllegalStateException(
          "rows of one matrix must have "
              + dimensions
              + " dimensions, one has "
              + vector.size()
              + ": write vectors of several models to several outputs");
    }
    ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * dimensions).order(ByteOrder.LITTLE_ENDIAN);
    vector.forEach(bytes::putFloat);
    return bytes.array();
  }

  private static byte[] line(Row row) {
    ObjectNode json = MAPPER.createObjectNode();
    for (String column : row.schema().fieldNames()) {
      if (!column.equals("embedding")) {
        Object value = row.getAs(column);
        json.set(column, MAPPER.valueToTree(value));
      }
    }
    return (json + "\n").getBytes(StandardCharsets.UTF_8);
  }
}
