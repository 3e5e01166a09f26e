package io.longreach.encoders.checkpoint;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Writes a small ONNX file. */
final class OnnxBytes {
  private OnnxBytes() {}

  /** {@code dense(x) = x W + b}, W stored transposed and anonymous as exporters do. */
  static byte[] linearLayer() {
    byte[] graph =
        message(
            out -> {
              out.writeByteArray(1, node("MatMul", "y", "x", "onnx::MatMul_1"));
              out.writeByteArray(1, node("Add", "z", "dense.bias", "y"));
              out.writeByteArray(5, tensor("onnx::MatMul_1", 2, 3));
              out.writeByteArray(5, tensor("dense.bias", 3));
            });
    return message(out -> out.writeByteArray(7, graph));
  }

  private static byte[] node(String operation, String output, String... inputs) {
    return message(
        out -> {
          for (String input : inputs) {
            out.writeString(1, input);
          }
          out.writeString(2, output);
          out.writeString(4, operation);
        });
  }

  private static byte[] tensor(String name, int... shape) {
    return message(
        out -> {
          int size = 1;
          for (int length : shape) {
            out.writeInt64(1, length);
            size *= length;
          }
          out.writeInt32(2, 1);
          out.writeString(8, name);
          out.writeBytes(9, ByteString.copyFrom(new byte[size * Float.BYTES]));
        });
  }

  private interface Writer {
    void write(CodedOutputStream out) throws IOException;
  }

  private static byte[] message(Writer writer) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    try {
      writer.write(out);
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }
}
