package io.longreach.kernels.cuda;

import static io.longreach.kernels.cuda.Shapes.requireShape;
import static io.longreach.kernels.cuda.Shapes.requireSize;

import io.longreach.kernels.cuda.CudaMatrix.Element;
import io.longreach.kernels.device.Activation;
import io.longreach.kernels.device.Device;

/** Packs and launches linear layers and feed-forward blocks. */
final class CudaLinearLayers {
  /** Rows of a feed-forward block whose wide rows are there at a time. */
  private static final int FEED_FORWARD_ROWS = 1 << 14;

  private static final int FLOAT_SIDE = 64;
  private static final int FLOAT_THREADS = 256;
  private static final int OUTPUT_TILE = 128;
  private static final int TENSOR_THREADS = 128;
  private static final int STAGES = 4;
  private static final int INPUT_TILE = 32;
  private static final int HOPPER_THREADS = 256;
  private static final int HOPPER_STAGES = 3;
  private static final int HOPPER_INPUT_TILE = 64;

  /** Elements of a copy to shared memory: rows are padded to a multiple of them. */
  private static final int COPY_ELEMENTS = 8;

  /** For each multiprocessor: with fewer, tiles of half the rows keep more of them busy. */
  private static final int ENOUGH_BLOCKS = 2;

  private final CudaDriver driver;
  private final Memory.Pool pool;
  private final CudaRows rows;
  private final NormedRows normed;
  private final Element element;

  /** A weight {@code [outputs, stride]}, and a bias or null. */
  private record CudaLinear(CudaMatrix weight, Memory bias, int inputs, int outputs)
      implements Device.Linear {}

  /**
   * @param normed bf16 rows that need no conversion
   * @param element what is multiplied; sums are float32 always
   */
  CudaLinearLayers(
      CudaDriver driver, Memory.Pool pool, CudaRows rows, NormedRows normed, Element element) {
    this.driver = driver;
    this.pool = pool;
    this.rows = rows;
    this.normed = normed;
    this.element = element;
  }

  Device.Linear pack(float[] weight, float[] bias, int inputs, int outputs) {
    requireSize("weight", weight, (long) inputs * outputs);
    if (bias != null) {
      requireSize("bias", bias, outputs);
    }
    Memory biases = bias == null ? null : pool.of(bias);
    CudaMatrix whole = new CudaMatrix(pool.of(weight), outputs, inputs, Element.FLOAT32);
    if (element == Element.FLOAT32) {
      return new CudaLinear(whole, biases, inputs, outputs);
    }
    try (whole) {
      return new CudaLinear(padded(whole, 0, outputs), biases, inputs, outputs);
    }
  }

  /** Columns of bf16 rows that begin at multiples of 16 bytes. */
  static int stride(int columns) {
    return (columns + COPY_ELEMENTS - 1) / COPY_ELEMENTS * COPY_ELEMENTS;
  }

  /** A copy in bf16 whose rows begin at multiples of 16 bytes. */
  private CudaMatrix padded(CudaMatrix from, int firstRow, int count) {
    int stride = stride(from.columns());
    CudaMatrix copy = rows.scratch(count, stride, Element.BFLOAT16);
    rows.copy(
        CudaRows.Part.of(from, firstRow, 0, from.columns()),
        null,
        CudaRows.Part.of(copy, 0, 0, stride),
        null,
        count,
        false);
    return copy;
  }

  void linear(CudaMatrix in, Device.Linear layer, Activation activation, CudaMatrix out) {
    requireShape("in", in, in.rows(), layer.inputs());
    requireShape("out", out, in.rows(), layer.outputs());
    try (Input input = input(in, 0, in.rows())) {
      linear(input, (CudaLinear) layer, activation, out, 0, false);
    }
  }

  void feedForward(CudaMatrix in, Device.FeedForward layers, CudaMatrix out) {
    requireShape("in", in, in.rows(), layers.up().inputs());
    requireShape("out", out, in.rows(), layers.down().outputs());
    for (int first = 0; first < in.rows(); first += FEED_FORWARD_ROWS) {
      int count = Math.min(FEED_FORWARD_ROWS, in.rows() - first);
      try (CudaMatrix wide = rows.scratch(count, layers.up().outputs(), element)) {
        try (Input input = input(in, first, count)) {
          linear(input, (CudaLinear) layers.up(), layers.activation(), wide, 0, false);
          if (layers.gate() != null) {
            linear(input, (CudaLinear) layers.gate(), Activation.NONE, wide, 0, true);
          }
        }
        try (Input input = input(wide, 0, count)) {
          linear(input, (CudaLinear) layers.down(), Activation.NONE, out, first, false);
        }
      }
    }
  }

  /** Rows as the kernel reads them: where they are, or a copy. */
  private record Input(CudaMatrix matrix, int firstRow, int count, boolean isCopy)
      implements AutoCloseable {
    @Override
    public void close() {
      if (isCopy) {
        matrix.close();
      }
    }
  }

  private Input input(CudaMatrix in, int firstRow, int count) {
    boolean fits =
        in.element() == element
            && (element == Element.FLOAT32 || in.columns() % COPY_ELEMENTS == 0);
    if (fits) {
      return new Input(in, firstRow, count, false);
    }
    if (element == Element.BFLOAT16) {
      CudaMatrix operand = normed.operandOf(in);
      if (operand != null) {
        return new Input(operand, firstRow, count, false);
      }
      return new Input(padded(in, firstRow, count), 0, count, true);
    }
    throw new IllegalStateException("a bf16 matrix on a float32 device");
  }

  private void linear(
      Input in,
      CudaLinear layer,
      Activation activation,
      CudaMatrix out,
      int firstOut,
      boolean gated) {
    CudaMatrix from = in.matrix();
    Parameters parameters =
        new Parameters()
            .elements(from, (long) in.firstRow() * from.columns())
            .elements(layer.weight(), 0)
            .pointer(layer.bias())
            .values(out, (long) firstOut * out.columns())
            .numbers(in.count(), from.columns(), layer.outputs(), activation.ordinal())
            .numbers(gated ? 1 : 0);
    int count = in.count();
    int outputs = layer.outputs();
    if (element == Element.FLOAT32) {
      int wide = CudaRows.blocks(outputs, FLOAT_SIDE);
      int high = CudaRows.blocks(count, FLOAT_SIDE);
      parameters.launch(driver, "linearFloat", wide, high, FLOAT_THREADS);
      return;
    }
    int wide = CudaRows.blocks(outputs, OUTPUT_TILE);
    if (driver.hasWarpgroups()) {
      int high = CudaRows.blocks(count, OUTPUT_TILE);
      int sharedBytes = HOPPER_STAGES * 2 * OUTPUT_TILE * HOPPER_INPUT_TILE * Short.BYTES;
      parameters.launch(driver, "linearHopper", wide, high, HOPPER_THREADS, sharedBytes);
      return;
    }
    long enough = (long) ENOUGH_BLOCKS * driver.multiprocessors();
    int tile = (long) wide * CudaRows.blocks(count, 128) >= enough ? 128 : 64;
    int sharedBytes = STAGES * (tile + OUTPUT_TILE) * INPUT_TILE * Element.BFLOAT16.bytes();
    int high = CudaRows.blocks(count, tile);
    parameters.launch(driver, "linearTensor" + tile, wide, high, TENSOR_THREADS, sharedBytes);
  }
}
