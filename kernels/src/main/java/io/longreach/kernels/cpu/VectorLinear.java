package io.longreach.kernels.cpu;

import static io.longreach.kernels.cpu.VectorMath.LANES;
import static io.longreach.kernels.cpu.VectorMath.SPECIES;

import io.longreach.kernels.device.Activation;
import jdk.incubator.vector.FloatVector;

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
  private static final int WIDTH = 2 * LANES;
  private static final int DEPTH = 192;
  private static final int BLOCK_ROWS = 96;
  private static final int BLOCK_OUTPUTS = 384;
  private static final int MICRO_ROWS = 4;

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
    float[] scratch = new float[MICRO_ROWS * WIDTH];
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
    for (int row = firstRow; row < lastRow; row += MICRO_ROWS) {
      int rows = Math.min(MICRO_ROWS, lastRow - row);
      // Rows beyond the last read the last one again; what they give is dropped.
      int a0 = row * inputs + start;
      int a1 = a0 + Math.min(1, rows - 1) * inputs;
      int a2 = a0 + Math.min(2, rows - 1) * inputs;
      int a3 = a0 + Math.min(3, rows - 1) * inputs;
      int c = row * outputs + output;
      // Onto the bias at the first inputs, onto what is there at later ones.
      float[] onto = start == 0 ? layer.bias() : out;
      int ontoOffset = start == 0 ? output : c;
      int ontoStride = start == 0 ? 0 : outputs;
      if (rows == MICRO_ROWS && width == WIDTH) {
        micro(in, a0, a1, a2, a3, b, at, depth, onto, ontoOffset, ontoStride, out, c, outputs);
      } else {
        copyRows(onto, ontoOffset, ontoStride, scratch, 0, WIDTH, rows, width);
        micro(in, a0, a1, a2, a3, b, at, depth, scratch, 0, WIDTH, scratch, 0, WIDTH);
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

  private static void micro(
      float[] a,
      int a0,
      int a1,
      int a2,
      int a3,
      float[] b,
      int bOffset,
      int depth,
      float[] onto,
      int d0,
      int dStride,
      float[] c,
      int c0,
      int cStride) {
    int c1 = c0 + cStride;
    int c2 = c1 + cStride;
    int c3 = c2 + cStride;
    int d1 = d0 + dStride;
    int d2 = d1 + dStride;
    int d3 = d2 + dStride;
    FloatVector c00 = FloatVector.broadcast(SPECIES, 0f);
    FloatVector c01 = FloatVector.broadcast(SPECIES, 0f);
    FloatVector c10 = FloatVector.broadcast(SPECIES, 0f);
    FloatVector c11 = FloatVector.broadcast(SPECIES, 0f);
    FloatVector c20 = FloatVector.broadcast(SPECIES, 0f);
    FloatVector c21 = FloatVector.broadcast(SPECIES, 0f);
    FloatVector c30 = FloatVector.broadcast(SPECIES, 0f);
    FloatVector c31 = FloatVector.broadcast(SPECIES, 0f);
    int even = depth & ~1;
    for (int k = 0; k < even; k += 2) {
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, bOffset + k * WIDTH);
      FloatVector b1 = FloatVector.fromArray(SPECIES, b, bOffset + k * WIDTH + LANES);
      FloatVector x = FloatVector.broadcast(SPECIES, a[a0 + k]);
      c00 = x.fma(b0, c00);
      c01 = x.fma(b1, c01);
      x = FloatVector.broadcast(SPECIES, a[a1 + k]);
      c10 = x.fma(b0, c10);
      c11 = x.fma(b1, c11);
      x = FloatVector.broadcast(SPECIES, a[a2 + k]);
      c20 = x.fma(b0, c20);
      c21 = x.fma(b1, c21);
      x = FloatVector.broadcast(SPECIES, a[a3 + k]);
      c30 = x.fma(b0, c30);
      c31 = x.fma(b1, c31);
      b0 = FloatVector.fromArray(SPECIES, b, bOffset + (k + 1) * WIDTH);
      b1 = FloatVector.fromArray(SPECIES, b, bOffset + (k + 1) * WIDTH + LANES);
      x = FloatVector.broadcast(SPECIES, a[a0 + k + 1]);
      c00 = x.fma(b0, c00);
      c01 = x.fma(b1, c01);
      x = FloatVector.broadcast(SPECIES, a[a1 + k + 1]);
      c10 = x.fma(b0, c10);
      c11 = x.fma(b1, c11);
      x = FloatVector.broadcast(SPECIES, a[a2 + k + 1]);
      c20 = x.fma(b0, c20);
      c21 = x.fma(b1, c21);
      x = FloatVector.broadcast(SPECIES, a[a3 + k + 1]);
      c30 = x.fma(b0, c30);
      c31 = x.fma(b1, c31);
    }
    for (int k = even; k < depth; k++) {
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, bOffset + k * WIDTH);
      FloatVector b1 = FloatVector.fromArray(SPECIES, b, bOffset + k * WIDTH + LANES);
      FloatVector x = FloatVector.broadcast(SPECIES, a[a0 + k]);
      c00 = x.fma(b0, c00);
      c01 = x.fma(b1, c01);
      x = FloatVector.broadcast(SPECIES, a[a1 + k]);
      c10 = x.fma(b0, c10);
      c11 = x.fma(b1, c11);
      x = FloatVector.broadcast(SPECIES, a[a2 + k]);
      c20 = x.fma(b0, c20);
      c21 = x.fma(b1, c21);
      x = FloatVector.broadcast(SPECIES, a[a3 + k]);
      c30 = x.fma(b0, c30);
      c31 = x.fma(b1, c31);
    }
    c00.add(FloatVector.fromArray(SPECIES, onto, d0)).intoArray(c, c0);
    c01.add(FloatVector.fromArray(SPECIES, onto, d0 + LANES)).intoArray(c, c0 + LANES);
    c10.add(FloatVector.fromArray(SPECIES, onto, d1)).intoArray(c, c1);
    c11.add(FloatVector.fromArray(SPECIES, onto, d1 + LANES)).intoArray(c, c1 + LANES);
    c20.add(FloatVector.fromArray(SPECIES, onto, d2)).intoArray(c, c2);
    c21.add(FloatVector.fromArray(SPECIES, onto, d2 + LANES)).intoArray(c, c2 + LANES);
    c30.add(FloatVector.fromArray(SPECIES, onto, d3)).intoArray(c, c3);
    c31.add(FloatVector.fromArray(SPECIES, onto, d3 + LANES)).intoArray(c, c3 + LANES);
  }
}
