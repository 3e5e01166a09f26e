package io.longreach.encoders.verify;

import io.longreach.encoders.family.TensorSource;

/** The weights of a case. */
record CaseWeights(CaseTensors tensors) implements TensorSource {
  @Override
  public boolean has(String name) {
    return tensors.has(name);
  }

  @Override
  public int[] shape(String name) {
    return tensors.get(name).shape().clone();
  }

  @Override
  public float[] read(String name) {
    return tensors.get(name).floats();
  }
}
