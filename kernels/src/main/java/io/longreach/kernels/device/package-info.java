/**
 * The small set of fused operations that an encoder needs, over matrices that live where the device
 * keeps them. Imports {@code plan} and {@code pattern} only.
 */
package io.longreach.kernels.device;
