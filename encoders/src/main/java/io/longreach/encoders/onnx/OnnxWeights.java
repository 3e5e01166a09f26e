package io.longreach.encoders.onnx;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import io.longreach.encoders.family.TensorSource;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The float32 initialisers of an ONNX file under the names that the checkpoint was published with.
 *
 * <p>Exporters keep the names of biases, norms and embeddings but not of linear weights, which they
 * store transposed under numbers: a {@code MatMul} with such a weight followed by an {@code Add} of
 * {@code X.bias} says that the weight is {@code X.weight}.
 */
public final class OnnxWeights implements TensorSource {
  private static final int FLOAT = 1;

  private record Tensor(int[] shape, ByteString raw, boolean transposed) {}

  private record Node(String operation, List<String> inputs, List<String> outputs) {
    /** Whether it is this operation of two inputs. */
    boolean is(String name) {
      return operation.equals(name) && inputs.size() == 2 && outputs.size() == 1;
    }
  }

  private final Map<String, Tensor> tensors = new HashMap<>();
  private final List<Node> nodes = new ArrayList<>();

  private OnnxWeights() {}

  /**
   * @throws IOException if the stream is no ONNX file
   */
  public static OnnxWeights read(InputStream in) throws IOException {
    OnnxWeights weights = new OnnxWeights();
    CodedInputStream model = CodedInputStream.newInstance(in, 1 << 16);
    model.setSizeLimit(Integer.MAX_VALUE);
    weights.model(model);
    weights.nameLinearWeights();
    return weights;
  }

  @Override
  public boolean has(String name) {
    return tensors.containsKey(name);
  }

  @Override
  public int[] shape(String name) {
    int[] stored = tensor(name).shape();
    return tensor(name).transposed() ? new int[] {stored[1], stored[0]} : stored.clone();
  }

  @Override
  public float[] read(String name) {
    Tensor tensor = tensor(name);
    ByteBuffer raw = tensor.raw().asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    float[] stored = new float[raw.remaining() / Float.BYTES];
    raw.asFloatBuffer().get(stored);
    return tensor.transposed() ? transpose(stored, tensor.shape()) : stored;
  }

  private Tensor tensor(String name) {
    Tensor tensor = tensors.get(name);
    if (tensor == null) {
      throw new IllegalArgumentException(
          "the ONNX file must have the tensor " + name + ": choose another export of the model");
    }
    return tensor;
  }

  private static float[] transpose(float[] stored, int[] shape) {
    float[] values = new float[stored.length];
    for (int row = 0; row < shape[0]; row++) {
      for (int column = 0; column < shape[1]; column++) {
        values[column * shape[0] + row] = stored[row * shape[1] + column];
      }
    }
    return values;
  }

  private void model(CodedInputStream in) throws IOException {
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (WireFormat.getTagFieldNumber(tag) == 7) {
        message(in, this::graph);
      } else {
        in.skipField(tag);
      }
    }
  }

  private void graph(CodedInputStream in) throws IOException {
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (WireFormat.getTagFieldNumber(tag)) {
        case 1 -> message(in, this::node);
        case 5 -> message(in, this::initializer);
        default -> in.skipField(tag);
      }
    }
  }

  private void node(CodedInputStream in) throws IOException {
    List<String> inputs = new ArrayList<>();
    List<String> outputs = new ArrayList<>();
    String operation = "";
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (WireFormat.getTagFieldNumber(tag)) {
        case 1 -> inputs.add(in.readString());
        case 2 -> outputs.add(in.readString());
        case 4 -> operation = in.readString();
        default -> in.skipField(tag);
      }
    }
    nodes.add(new Node(operation, inputs, outputs));
  }

  private void initializer(CodedInputStream in) throws IOException {
    List<Long> dimensions = new ArrayList<>();
    String name = "";
    int type = 0;
    ByteString raw = ByteString.EMPTY;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (WireFormat.getTagFieldNumber(tag)) {
        case 1 -> dimensions(in, tag, dimensions);
        case 2 -> type = in.readInt32();
        case 8 -> name = in.readString();
        case 9 -> raw = in.readBytes();
        default -> in.skipField(tag);
      }
    }
    if (type == FLOAT && fits(dimensions, raw.size())) {
      int[] shape = dimensions.stream().mapToInt(Math::toIntExact).toArray();
      tensors.put(name, new Tensor(shape, raw, false));
    }
  }

  private static boolean fits(List<Long> dimensions, long bytes) {
    long size = Float.BYTES;
    for (long dimension : dimensions) {
      if (dimension < 1 || dimension > bytes / size) {
        return false;
      }
      size *= dimension;
    }
    return size == bytes;
  }

  private static void dimensions(CodedInputStream in, int tag, List<Long> out) throws IOException {
    if (WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_VARINT) {
      out.add(in.readInt64());
    } else {
      message(
          in,
          packed -> {
            while (!packed.isAtEnd()) {
              out.add(packed.readInt64());
            }
          });
    }
  }

  private interface Message {
    void read(CodedInputStream in) throws IOException;
  }

  private static void message(CodedInputStream in, Message message) throws IOException {
    int limit = in.pushLimit(in.readRawVarint32());
    message.read(in);
    in.checkLastTagWas(0);
    in.popLimit(limit);
  }

  private void nameLinearWeights() {
    Map<String, String> weightOfOutput = new HashMap<>();
    for (Node node : nodes) {
      if (node.is("MatMul") && isMatrix(tensors.get(node.inputs().get(1)))) {
        weightOfOutput.put(node.outputs().get(0), node.inputs().get(1));
      }
    }
    for (Node node : nodes) {
      if (node.is("Add")) {
        name(node.inputs().get(0), weightOfOutput.get(node.inputs().get(1)));
        name(node.inputs().get(1), weightOfOutput.get(node.inputs().get(0)));
      }
    }
  }

  private static boolean isMatrix(Tensor tensor) {
    return tensor != null && tensor.shape().length == 2 && !tensor.transposed();
  }

  private void name(String bias, String weight) {
    if (weight != null && bias.endsWith(".bias") && tensors.containsKey(bias)) {
      String name = bias.substring(0, bias.length() - ".bias".length()) + ".weight";
      Tensor stored = tensors.get(weight);
      tensors.put(name, new Tensor(stored.shape(), stored.raw(), true));
    }
  }
}
