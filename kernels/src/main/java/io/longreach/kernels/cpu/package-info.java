/**
 * The CPU device: every kernel once with the JDK Vector API and once as its scalar twin, chosen
 * once by {@link io.longreach.kernels.cpu.Instructions}. The classes named {@code Vector…} are the
 * only ones that may mention {@code jdk.incubator.vector}, so that the rest loads without the
 * module.
 */
package io.longreach.kernels.cpu;
