package io.longreach.kernels.cpu;

import io.longreach.kernels.device.Device;

/**
 * A linear layer as its kernel wants it.
 *
 * @param panels the weights, in the kernel's own order
 * @param bias padded to whole panels
 */
record CpuLinear(float[] panels, float[] bias, int inputs, int outputs) implements Device.Linear {}
