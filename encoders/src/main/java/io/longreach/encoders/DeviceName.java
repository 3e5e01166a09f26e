package io.longreach.encoders;

import java.util.Locale;

/**
 * What a device is asked for, the same on the command line, in SQL and in settings: {@code auto},
 * {@code cpu}, {@code cuda}, or {@code cuda:1} for a GPU by its address.
 *
 * @param kind {@code AUTO} is the GPU where there is one that works, and the CPU elsewhere
 * @param address of the GPU, see {@link io.longreach.kernels.cuda.Gpus#at}; empty for the first
 */
public record DeviceName(Kind kind, String address) {

  /** Where to compute. */
  public enum Kind {
    AUTO,
    CPU,
    CUDA;

    private String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * Reads the text form.
   *
   * @throws IllegalArgumentException naming the value and the remedy
   */
  public static DeviceName parse(String text) {
    int colon = text.indexOf(':');
    String name = colon < 0 ? text : text.substring(0, colon);
    String address = colon < 0 ? "" : text.substring(colon + 1);
    for (Kind kind : Kind.values()) {
      boolean addressed = colon < 0 || (kind != Kind.CPU && !address.isBlank());
      if (name.equals(kind.text()) && addressed) {
        return new DeviceName(kind, address);
      }
    }
    throw new IllegalArgumentException(
        "device must be auto, cpu or cuda, was '" + text + "': choose one of them");
  }

  /** The same with the GPU that is to be used. */
  public DeviceName at(String gpuAddress) {
    return new DeviceName(kind, gpuAddress);
  }

  @Override
  public String toString() {
    return address.isEmpty() ? kind.text() : kind.text() + ":" + address;
  }
}
