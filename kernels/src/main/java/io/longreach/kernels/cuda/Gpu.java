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
 * @param multiprocessors how many
 * @param hertz highest clock of the multiprocessors
 * @param hasWarpgroups whether kernels may multiply by whole warpgroups: compute capability 9.0 and
 *     a driver for CUDA 12.0 or newer
 */
public record Gpu(
    int address,
    int ordinal,
    String name,
    String uuid,
    int capability,
    long bytes,
    int multiprocessors,
    double hertz,
    boolean hasWarpgroups) {

  /**
   * FLOP/s that the tensor cores can make of dense bf16 with float32 sums, at the highest clock; 0
   * where it is not known.
   *
   * <p><b>Source.</b> NVIDIA's architecture papers of A100, GA102, Ada and H100. GeForce cards of
   * 8.6 and 8.9 reach half of it.
   */
  public double tensorFlops() {
    int perClock =
        switch (capability) {
          case 80 -> 2048;
          case 86, 89 -> 1024;
          case 90 -> 4096;
          default -> 0;
        };
    return perClock * hertz * multiprocessors;
  }
}
