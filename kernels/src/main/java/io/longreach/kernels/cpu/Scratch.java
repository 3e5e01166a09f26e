package io.longreach.kernels.cpu;

/** Arrays of one thread, kept from call to call: fresh ones would be cold in the caches. */
final class Scratch {
  private final float[][] arrays = new float[3][0];

  /** The array at an index, at least so long; its values are whatever was left there. */
  float[] array(int index, int size) {
    if (arrays[index].length < size) {
      arrays[index] = new float[size];
    }
    return arrays[index];
  }
}
