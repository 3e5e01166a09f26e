package io.longreach.encoders.family;

import io.longreach.kernels.device.Device;
import java.util.Arrays;
import java.util.List;

/**
 * The tensors of a checkpoint below a prefix, packed for a device as they are asked for, with their
 * shapes checked.
 */
final class Weights {
  private final TensorSource source;
  private final Device device;
  private final String prefix;

  private Weights(TensorSource source, Device device, String prefix) {
    this.source = source;
    this.device = device;
    this.prefix = prefix;
  }

  /**
   * @param optionalPrefix what names start with in checkpoints of a model with a head, for example
   *     {@code bert.}
   * @param probe a tensor that every checkpoint has, without the prefix
   */
  static Weights of(TensorSource source, Device device, String optionalPrefix, String probe) {
    boolean prefixed = source.has(optionalPrefix + probe);
    return new Weights(source, device, prefixed ? optionalPrefix : "");
  }

  Weights under(String name) {
    return new Weights(source, device, prefix + name);
  }

  boolean has(String name) {
    return source.has(prefix + name);
  }

  float[] vector(String name, int size) {
    return read(name, size);
  }

  /** {@code name.bias}, or null where the checkpoint has none. */
  float[] bias(String name, int size) {
    return has(name + ".bias") ? read(name + ".bias", size) : null;
  }

  Device.Norm norm(String name, int columns, double epsilon) {
    return device.norm(vector(name + ".weight", columns), bias(name, columns), (float) epsilon);
  }

  Device.Linear linear(String name, int inputs, int outputs) {
    return device.linear(
        read(name + ".weight", outputs, inputs), bias(name, outputs), inputs, outputs);
  }

  /** Several linear layers of the same input as one, their outputs side by side. */
  Device.Linear stacked(List<String> names, int inputs, int outputsEach) {
    int outputs = Math.multiplyExact(names.size(), outputsEach);
    for (String name : names) {
      // Before the array is allocated by what config.json says.
      check(name + ".weight", outputsEach, inputs);
    }
    float[] weight = new float[Math.multiplyExact(outputs, inputs)];
    float[] bias = null;
    for (int i = 0; i < names.size(); i++) {
      float[] part = read(names.get(i) + ".weight", outputsEach, inputs);
      System.arraycopy(part, 0, weight, i * part.length, part.length);
      float[] partBias = bias(names.get(i), outputsEach);
      if (partBias != null) {
        bias = bias == null ? new float[outputs] : bias;
        System.arraycopy(partBias, 0, bias, i * outputsEach, outputsEach);
      }
    }
    return device.linear(weight, bias, inputs, outputs);
  }

  /** Rows {@code [firstOutput, firstOutput + outputs)} of a linear layer of {@code allOutputs}. */
  Device.Linear part(String name, int inputs, int allOutputs, int firstOutput, int outputs) {
    float[] weight = read(name + ".weight", allOutputs, inputs);
    float[] bias = bias(name, allOutputs);
    int last = firstOutput + outputs;
    return device.linear(
        Arrays.copyOfRange(weight, firstOutput * inputs, last * inputs),
        bias == null ? null : Arrays.copyOfRange(bias, firstOutput, last),
        inputs,
        outputs);
  }

  /** A table with as many rows as the checkpoint has. */
  Device.Table table(String name, int columns) {
    return table(name, columns, 1);
  }

  Device.Table table(String name, int columns, double factor) {
    int rows = rows(name);
    float[] values = read(name, rows, columns);
    if (factor != 1) {
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) (values[i] * factor);
      }
    }
    return device.table(values, rows, columns);
  }

  /** First dimension of a tensor. */
  int rows(String name) {
    int[] shape = source.shape(prefix + name);
    if (shape.length == 0 || shape[0] == 0) {
      throw new IllegalArgumentException(
          String.format(
              "%s must have rows, was of shape %s: take the weights from the published checkpoint",
              source.place(prefix + name), Arrays.toString(shape)));
    }
    return shape[0];
  }

  float[] read(String name, int... shape) {
    check(name, shape);
    return source.read(prefix + name);
  }

  private void check(String name, int... shape) {
    int[] found = source.shape(prefix + name);
    if (!Arrays.equals(found, shape)) {
      throw new IllegalArgumentException(
          String.format(
              "%s must be %s as config.json says, was %s: take both files from the same checkpoint",
              source.place(prefix + name), Arrays.toString(shape), Arrays.toString(found)));
    }
  }
}
