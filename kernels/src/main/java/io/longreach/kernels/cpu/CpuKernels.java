package io.longreach.kernels.cpu;

/** The kernels made of one kind of instructions. */
record CpuKernels(
    String name, LinearKernel linear, RowKernel rows, TileKernel tiles, AttentionKernel attention) {

  private CpuKernels(String name, LinearKernel linear, RowKernel rows, TileKernel tiles) {
    this(name, linear, rows, tiles, new PlanAttention(tiles));
  }

  static CpuKernels of(Instructions instructions) {
    return switch (instructions) {
      case VECTOR -> Vector.kernels();
      case SCALAR ->
          new CpuKernels("scalar", new ScalarLinear(), new ScalarRows(), new ScalarTile());
    };
  }

  /**
   * A class of its own, so that nothing here mentions the incubator module until it is asked for.
   */
  private static final class Vector {
    static CpuKernels kernels() {
      return new CpuKernels(
          "Vector API, " + VectorMath.BITS + " bit",
          new VectorLinear(),
          new VectorRows(),
          new VectorTile());
    }
  }
}
