package io.longreach.kernels.cpu;

import static io.longreach.kernels.cpu.VectorMath.LANES;
import static io.longreach.kernels.cpu.VectorMicro.WIDTH;

import io.longreach.kernels.device.Activation;

/**
 * Linear layers by a register-blocked micro-kernel: 4 rows by two vectors of outputs, each
 * accumulator one chain of fused multiply-adds over the inputs of a slice in order, added to the
 * bias or to the slices before. The chain is the same in every block, so a row's bits depend on
 * nothing but the row.
 *
 * <p>Weights are packed once into panels of two vectors of outputs, {@code [panel][input][lane]}. A
 * panel of {@link #DEPTH} inputs stays in the first-level cache while the rows of a block, which
 * stay in the second-level cache, pass by.
 *
 * <p>Why 4 rows, unrolled twice: with the 16 registers of AVX2, C2 of JDK 17 loads the broadcasts
 * of a step ahead of its multiply-adds; with 5 or 6 rows it then spills accumulators, at half the
 * speed. Eight chains are what two multiply-add units of latency 4 need.
 */
final class VectorLinear implements LinearKernel {
  private static final int DEPTH = 24 * LANES;
  private static final int BLOCK_ROWS = 96;
  private static final int BLOCK_OUTPUTS = 384;

  @Override
  public int rowsPerItem() {
    return BLOCK_ROWS;
  }

  @Override
  public CpuLinear pack(float[] weight, float[] bias, int inputs, int outputs) {
    int panels = (outputs + WIDTH - 1) / WIDTH;
    float[] packed = new float[Math.multiplyExact(Math.multiplyExact(panels, inputs), WIDTH)];
    for (int output = 0; output < outputs; output++) {
      int to = output / WIDTH * inputs * WIDTH + output % WIDTH;
      for (int input = 0; input < inputs; input++) {
        packed[to + input * WIDTH] = weight[output * inputs + input];
      }
    }
    return new CpuLinear(packed, bias == null ? new float[outputs] : bias.clone(), inputs, outputs);
  }

  @Override
  public CpuLinear packTransposed(float[] transposed, int inputs, int outputs) {
    int panels = (outputs + WIDTH - 1) / WIDTH;
    float[] packed = new float[Math.multiplyExact(Math.multiplyExact(panels, inputs), WIDTH)];
    for (int panel = 0; panel < panels; panel++) {
      int width = Math.min(WIDTH, outputs - panel * WIDTH);
      for (int input = 0; input < inputs; input++) {
        int from = input * outputs + panel * WIDTH;
        System.arraycopy(transposed, from, packed, (panel * inputs + input) * WIDTH, width);
      }
    }
    return new CpuLinear(packed, new float[outputs], inputs, outputs);
  }

  @Override
  public void run(
      CpuLinear layer, Activation activation, float[] in, float[] out, int firstRow, int lastRow) {
    float[] scratch = new float[VectorMicro.ROWS * WIDTH];
    for (int row = firstRow; row < lastRow; row += BLOCK_ROWS) {
      block(layer, activation, in, out, row, Math.min(lastRow, row + BLOCK_ROWS), scratch);
    }
  }

  private static void block(
      CpuLinear layer,
      Activation activation,
      float[] in,
      float[] out,
      int firstRow,
      int lastRow,
      float[] scratch) {
    int inputs = layer.inputs();
    int outputs = layer.outputs();
    for (int from = 0; from < outputs; from += BLOCK_OUTPUTS) {
      int to = Math.min(outputs, from + BLOCK_OUTPUTS);
      for (int start = 0; start < inputs; start += DEPTH) {
        int depth = Math.min(DEPTH, inputs - start);
        boolean last = start + depth == inputs;
        for (int output = from; output < to; output += WIDTH) {
          panel(layer, in, out, start, depth, output, firstRow, lastRow, scratch);
          if (last && activation != Activation.NONE) {
            int width = Math.min(WIDTH, outputs - output);
            VectorActivation.apply(activation, out, firstRow, lastRow, outputs, output, width);
          }
        }
      }
    }
  }

  /** Adds {@code depth} inputs from {@code start} to one panel of outputs of some rows. */
  private static void panel(
      CpuLinear layer,
      float[] in,
      float[] out,
      int start,
      int depth,
      int output,
      int firstRow,
      int lastRow,
      float[] scratch) {
    int inputs = layer.inputs();
    int outputs = layer.outputs();
    float[] b = layer.panels();
    int at = (output / WIDTH * inputs + start) * WIDTH;
    int width = Math.min(WIDTH, outputs - output);
    for (int row = firstRow; row < lastRow; row += VectorMicro.ROWS) {
      int rows = Math.min(VectorMicro.ROWS, lastRow - row);
      int a = row * inputs + start;
      int c = row * outputs + output;
      // Onto the bias at the first inputs, onto what is there at later ones.
      float[] onto = start == 0 ? layer.bias() : out;
      int ontoOffset = start == 0 ? output : c;
      int ontoStride = start == 0 ? 0 : outputs;
      if (rows == VectorMicro.ROWS && width == WIDTH) {
        VectorMicro.rows(
            in, a, inputs, rows, b, at, depth, onto, ontoOffset, ontoStride, out, c, outputs);
      } else {
        copyRows(onto, ontoOffset, ontoStride, scratch, 0, WIDTH, rows, width);
        VectorMicro.rows(in, a, inputs, rows, b, at, depth, scratch, 0, WIDTH, scratch, 0, WIDTH);
        copyRows(scratch, 0, WIDTH, out, c, outputs, rows, width);
      }
    }
  }

  private static void copyRows(
      float[] from,
      int fromOffset,
      int fromStride,
      float[] to,
      int toOffset,
      int toStride,
      int rows,
      int width) {
    for (int row = 0; row < rows; row++) {
      System.arraycopy(from, fromOffset + row * fromStride, to, toOffset + row * toStride, width);
    }
  }
}
