/**
 * The small set of fused operations that an encoder needs, over matrices that live where the device
 * keeps them. Imports {@code plan} only.
 */
package io.longreach.kernels.device;
