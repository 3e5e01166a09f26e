package io.longreach.kernels.cpu;

import io.longreach.kernels.device.Device;

/** An embedding table, row-major. */
record CpuTable(float[] values, int rows, int columns) implements Device.Table {}
