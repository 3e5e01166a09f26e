package io.longreach.kernels.cuda;

/**
 * A GPU of this machine.
 *
 * @param address its number in the order of the PCI bus, as {@code nvidia-smi} counts
 * @param ordinal its number as the driver counts
 * @param name as the maker calls it
 * @param uuid {@code GPU-...}, which stays the same whatever is visible
 * @param capability compute capability times ten: 80 is an A100, 90 an H100
 * @param bytes of memory in all
 */
public record Gpu(int address, int ordinal, String name, String uuid, int capability, long bytes) {}
