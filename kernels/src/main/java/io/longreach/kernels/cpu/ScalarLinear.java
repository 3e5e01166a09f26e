package io.longreach.kernels.cpu;

import io.longreach.kernels.device.Activation;

/** The scalar twin of {@link VectorLinear}: weights stay as published, one output at a time. */
final class ScalarLinear implements LinearKernel {

  @Override
  public int rowsPerItem() {
    return 16;
  }

  @Override
  public CpuLinear pack(float[] weight, float[] bias, int inputs, int outputs) {
    return new CpuLinear(
        weight.clone(), bias == null ? new float[outputs] : bias.clone(), inputs, outputs);
  }

  @Override
  public CpuLinear packTransposed(float[] transposed, int inputs, int outputs) {
    float[] weight = new float[Math.multiplyExact(inputs, outputs)];
    for (int input = 0; input < inputs; input++) {
      for (int output = 0; output < outputs; output++) {
        weight[output * inputs + input] = transposed[input * outputs + output];
      }
    }
    return new CpuLinear(weight, new float[outputs], inputs, outputs);
  }

  @Override
  public void run(
      CpuLinear layer, Activation activation, float[] in, float[] out, int firstRow, int lastRow) {
    int inputs = layer.inputs();
    int outputs = layer.outputs();
    float[] weight = layer.panels();
    for (int row = firstRow; row < lastRow; row++) {
      for (int output = 0; output < outputs; output++) {
        float sum = layer.bias()[output];
        for (int input = 0; input < inputs; input++) {
          sum += in[row * inputs + input] * weight[output * inputs + input];
        }
        out[row * outputs + output] = ScalarMath.activate(activation, sum);
      }
    }
  }
}
