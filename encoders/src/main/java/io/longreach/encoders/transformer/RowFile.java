package io.longreach.encoders.transformer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Rows of floats in a temporary file, which is gone when it is closed or the JVM ends. */
final class RowFile implements AutoCloseable {
  private final FileChannel channel;
  private final int columns;
  private long rows;

  private RowFile(FileChannel channel, int columns) {
    this.channel = channel;
    this.columns = columns;
  }

  /** An empty file in {@code java.io.tmpdir}. */
  static RowFile temporary(int columns) {
    try {
      Path path = Files.createTempFile("longreach-states", ".f32");
      return new RowFile(
          FileChannel.open(
              path,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE,
              StandardOpenOption.DELETE_ON_CLOSE),
          columns);
    } catch (IOException e) {
      throw failed(e);
    }
  }

  private static UncheckedIOException failed(IOException e) {
    return new UncheckedIOException(
        "the states of a document with global tokens, which are kept on the disk while it is"
            + " encoded, cannot be written to or read from '"
            + System.getProperty("java.io.tmpdir")
            + "': name another folder with -Djava.io.tmpdir",
        e);
  }

  /** Adds whole rows behind the last. */
  void append(float[] values) {
    write(rows, values, 0, values.length);
    rows += values.length / columns;
  }

  /** Replaces rows by those of {@code values}, in order. */
  void write(int[] these, float[] values) {
    for (int i = 0; i < these.length; i++) {
      write(these[i], values, i * columns, columns);
    }
  }

  /** Rows {@code first .. first + count - 1}. */
  float[] read(int first, int count) {
    float[] values = new float[Math.multiplyExact(count, columns)];
    read(first, values, 0, values.length);
    return values;
  }

  /** Some rows, one after the other. */
  float[] read(int[] these) {
    float[] values = new float[Math.multiplyExact(these.length, columns)];
    for (int i = 0; i < these.length; i++) {
      read(these[i], values, i * columns, columns);
    }
    return values;
  }

  private void write(long row, float[] values, int offset, int length) {
    ByteBuffer bytes = buffer(length);
    bytes.asFloatBuffer().put(values, offset, length);
    try {
      long at = place(row);
      while (bytes.hasRemaining()) {
        at += channel.write(bytes, at);
      }
    } catch (IOException e) {
      throw failed(e);
    }
  }

  private void read(long row, float[] values, int offset, int length) {
    ByteBuffer bytes = buffer(length);
    try {
      long at = place(row);
      while (bytes.hasRemaining()) {
        int read = channel.read(bytes, at);
        if (read < 0) {
          throw new IOException("the file ends before row " + row);
        }
        at += read;
      }
    } catch (IOException e) {
      throw failed(e);
    }
    bytes.flip().asFloatBuffer().get(values, offset, length);
  }

  private long place(long row) {
    return row * columns * Float.BYTES;
  }

  private static ByteBuffer buffer(int floats) {
    return ByteBuffer.allocate(Math.multiplyExact(floats, Float.BYTES))
        .order(ByteOrder.nativeOrder());
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw failed(e);
    }
  }
}
