package io.longreach.kernels.cpu;

import static io.longreach.kernels.cpu.VectorMath.LANES;
import static io.longreach.kernels.cpu.VectorMicro.AHEAD;
import static io.longreach.kernels.cpu.VectorMicro.WIDTH;

import io.longreach.kernels.device.Activation;

/**
 * Linear layers by a register-blocked micro-kernel: a few rows by two vectors of outputs, each
 * accumulator one chain of fused multiply-adds over the inputs of a slice in order, added to the
 * bias or to the slices before. The chain is the same in every block, so a row's bits depend on
 * nothing but the row.
 *
 * <p>Weights are packed once into panels of two vectors of outputs, {@code [panel][input][lane]}. A
 * panel of {@link #DEPTH} inputs stays in the first-level cache while the rows of a block, which
 * stay in the second-level cache, pass by.
 */
final class VectorLinear implements LinearKernel {
  private static final int DEPTH = 24 * LANES;
  private static final int BLOCK_ROWS = 128;
  private static final int BLOCK_OUTPUTS = 384;

  /** Where in the scratch memory goes what nobody reads. */
  private static final int UNUSED = VectorMicro.ROWS * WIDTH;

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
    float[] scratch = new float[UNUSED + 1];
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
          int next = next(layer, from, to, start, depth, output);
          panel(layer, in, out, start, depth, output, next, firstRow, lastRow, scratch);
          if (last && activation != Activation.NONE) {
            int width = Math.min(WIDTH, outputs - output);
            VectorActivation.apply(activation, out, firstRow, lastRow, outputs, output, width);
          }
        }
      }
    }
  }

  /** The element of the packed weights that {@link #block} comes to after a panel's inputs. */
  private static int next(CpuLinear layer, int from, int to, int start, int depth, int output) {
    if (output + WIDTH < to) {
      return at(layer, output + WIDTH, start);
    }
    return start + depth < layer.inputs() ? at(layer, from, start + depth) : at(layer, to, 0);
  }

  private static int at(CpuLinear layer, int output, int input) {
    return (output / WIDTH * layer.inputs() + input) * WIDTH;
  }

  /**
   * Adds {@code depth} inputs from {@code start} to one panel of outputs of some rows.
   *
   * @param next element of the weights to have in the caches when this is done
   */
  private static void panel(
      CpuLinear layer,
      float[] in,
      float[] out,
      int start,
      int depth,
      int output,
      int next,
      int firstRow,
      int lastRow,
      float[] scratch) {
    int inputs = layer.inputs();
    int outputs = layer.outputs();
    float[] b = layer.panels();
    int at = at(layer, output, start);
    int width = Math.min(WIDTH, outputs - output);
    int ahead = next;
    int aheadEnd = Math.min(b.length, next + depth * WIDTH);
    float touched = 0;
    for (int row = firstRow; row < lastRow; row += VectorMicro.ROWS) {
      if (ahead + AHEAD * depth > aheadEnd) {
        ahead = at;
        aheadEnd = at;
      }
      int rows = Math.min(VectorMicro.ROWS, lastRow - row);
      int a = row * inputs + start;
      int c = row * outputs + output;
      // Onto the bias at the first inputs, onto what is there at later ones.
      float[] onto = start == 0 ? layer.bias() : out;
      int ontoOffset = start == 0 ? output : c;
      int ontoStride = start == 0 ? 0 : outputs;
      if (rows == VectorMicro.ROWS && width == WIDTH) {
        touched +=
            VectorMicro.rows(
                in,
                a,
                inputs,
                rows,
                b,
                at,
                depth,
                onto,
                ontoOffset,
                ontoStride,
                out,
                c,
                outputs,
                ahead);
      } else {
        copyRows(onto, ontoOffset, ontoStride, scratch, 0, WIDTH, rows, width);
        touched +=
            VectorMicro.rows(
                in, a, inputs, rows, b, at, depth, scratch, 0, WIDTH, scratch, 0, WIDTH, ahead);
        copyRows(scratch, 0, WIDTH, out, c, outputs, rows, width);
      }
      ahead += AHEAD * depth;
    }
    scratch[UNUSED] = touched;
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
