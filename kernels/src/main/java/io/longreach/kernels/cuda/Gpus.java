package io.longreach.kernels.cuda;

import static io.longreach.kernels.cuda.CudaCall.check;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdevice_attribute;
import jcuda.driver.CUresult;
import jcuda.driver.CUuuid;
import jcuda.driver.JCudaDriver;

/** Finds the GPUs of this machine; safe to ask on any machine. */
public final class Gpus {
  /** CUDA 11.1: its drivers (455 and newer) read the PTX that is shipped. */
  private static final int OLDEST_DRIVER = 11_010;

  /** CUDA 12.0 and compute capability 9.0, for products of warpgroups. */
  private static final int WARPGROUP_DRIVER = 12_000;

  private static final int WARPGROUP_GPU = 90;

  /** Compute capability 8.0, for bfloat16 on the tensor cores. */
  private static final int OLDEST_GPU = 80;

  private static final int NAME_BYTES = 128;

  private static Found found;

  private Gpus() {}

  /**
   * What was found.
   *
   * @param gpus in the order of their addresses, also those that are too old
   * @param problem why there are none, with the remedy; empty if there are some
   * @param driver whether there is a driver
   */
  public record Found(List<Gpu> gpus, String problem, boolean driver) {}

  /** The GPUs of this machine; looked for once. Never throws. */
  public static synchronized Found find() {
    if (found == null) {
      found = probe();
    }
    return found;
  }

  /**
   * A GPU by its address.
   *
   * @param address a number in the order of the PCI bus, or a UUID {@code GPU-...}; empty for the
   *     first
   * @throws CudaException if there is none or it cannot be used, with the remedy
   */
  public static Gpu at(String address) {
    Found all = find();
    if (all.gpus.isEmpty()) {
      throw new CudaException(all.problem);
    }
    Gpu gpu =
        all.gpus.stream()
            .filter(candidate -> address.isEmpty() || isAt(candidate, address))
            .findFirst()
            .orElseThrow(
                () ->
                    new CudaException(
                        "there is no GPU '"
                            + address
                            + "': those visible are "
                            + all.gpus.stream()
                                .map(g -> g.address() + " (" + g.name() + ")")
                                .collect(Collectors.joining(", "))
                            + visible()));
    if (gpu.capability() < OLDEST_GPU) {
      throw new CudaException(
          String.format(
              "GPU %d (%s) has compute capability %d.%d, 8.0 or newer is needed: use device=cpu",
              gpu.address(), gpu.name(), gpu.capability() / 10, gpu.capability() % 10));
    }
    return gpu;
  }

  private static boolean isAt(Gpu gpu, String address) {
    return address.equals(String.valueOf(gpu.address())) || address.equals(gpu.uuid());
  }

  private static Found probe() {
    try {
      JcudaNatives.load(Gpus::touch);
    } catch (IOException | RuntimeException | LinkageError e) {
      return new Found(List.of(), unloadable(e), false);
    }
    try {
      return new Found(list(), "", true);
    } catch (CudaException e) {
      return new Found(List.of(), e.getMessage(), true);
    } catch (RuntimeException | LinkageError e) {
      return new Found(
          List.of(),
          "the NVIDIA driver cannot be used (" + firstLine(e) + "): update it, or use device=cpu",
          true);
    }
  }

  /** Whatever it does, its class is loaded first. */
  private static void touch() {
    JCudaDriver.setExceptionsEnabled(false);
  }

  private static String unloadable(Throwable e) {
    String all = String.valueOf(e.getMessage());
    if (all.contains("libcuda.so") || all.contains("nvcuda")) {
      return "there is no NVIDIA driver (libcuda.so.1): install it, or use device=cpu";
    }
    if (all.contains("No resource found")) {
      return "there are GPU libraries for Linux on x86_64 only, this is "
          + System.getProperty("os.name")
          + " on "
          + System.getProperty("os.arch")
          + ": use device=cpu";
    }
    return "the GPU libraries cannot be loaded (" + firstLine(e) + "): use device=cpu";
  }

  private static String firstLine(Throwable e) {
    return e.toString().lines().findFirst().orElse("");
  }

  private static List<Gpu> list() {
    int result = JCudaDriver.cuInit(0);
    if (result == CUresult.CUDA_ERROR_NO_DEVICE) {
      throw noDevice();
    }
    int[] version = new int[1];
    JCudaDriver.cuDriverGetVersion(version);
    if (version[0] < OLDEST_DRIVER) {
      throw new CudaException(
          String.format(
              "the NVIDIA driver is for CUDA %d.%d, 11.1 or newer is needed: update the driver to"
                  + " 455 or newer, or use device=cpu",
              version[0] / 1000, version[0] % 1000 / 10));
    }
    if (result != CUresult.CUDA_SUCCESS) {
      throw new CudaException(
          "the NVIDIA driver does not start ("
              + CUresult.stringFor(result)
              + "): see whether nvidia-smi works, or use device=cpu");
    }
    int[] count = new int[1];
    check(JCudaDriver.cuDeviceGetCount(count), "counting the GPUs");
    if (count[0] == 0) {
      throw noDevice();
    }
    return inOrder(count[0], version[0]);
  }

  private static CudaException noDevice() {
    return new CudaException(
        "there is an NVIDIA driver but no GPU"
            + visible()
            + ": see whether nvidia-smi lists one, or use device=cpu");
  }

  private static String visible() {
    String visible = System.getenv("CUDA_VISIBLE_DEVICES");
    return visible == null ? "" : " (CUDA_VISIBLE_DEVICES is '" + visible + "')";
  }

  private static List<Gpu> inOrder(int count, int version) {
    List<CUdevice> devices = new ArrayList<>();
    for (int ordinal = 0; ordinal < count; ordinal++) {
      CUdevice device = new CUdevice();
      check(JCudaDriver.cuDeviceGet(device, ordinal), "opening GPU " + ordinal);
      devices.add(device);
    }
    List<Integer> ordinals =
        IntStream.range(0, count)
            .boxed()
            .sorted(Comparator.comparingLong(ordinal -> bus(devices.get(ordinal))))
            .toList();
    List<Gpu> gpus = new ArrayList<>();
    for (int ordinal : ordinals) {
      gpus.add(describe(devices.get(ordinal), gpus.size(), ordinal, version));
    }
    return List.copyOf(gpus);
  }

  private static long bus(CUdevice device) {
    long domain = attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_PCI_DOMAIN_ID);
    long bus = attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_PCI_BUS_ID);
    return (domain << 32)
        + (bus << 16)
        + attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_PCI_DEVICE_ID);
  }

  private static Gpu describe(CUdevice device, int address, int ordinal, int version) {
    byte[] name = new byte[NAME_BYTES];
    long[] bytes = new long[1];
    CUuuid uuid = new CUuuid();
    check(JCudaDriver.cuDeviceGetName(name, name.length, device), "naming a GPU");
    check(JCudaDriver.cuDeviceTotalMem(bytes, device), "reading a GPU's memory");
    check(JCudaDriver.cuDeviceGetUuid(uuid, device), "reading a GPU's UUID");
    int major = attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR);
    int minor = attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR);
    int capability = 10 * major + minor;
    String text = new String(name, StandardCharsets.US_ASCII);
    return new Gpu(
        address,
        ordinal,
        text.substring(0, Math.max(0, text.indexOf(0))),
        uuidText(uuid.bytes),
        capability,
        bytes[0],
        attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT),
        1e3 * attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_CLOCK_RATE),
        capability == WARPGROUP_GPU && version >= WARPGROUP_DRIVER);
  }

  private static String uuidText(byte[] uuid) {
    String hex = HexFormat.of().formatHex(uuid);
    return "GPU-" + hex.replaceFirst("(.{8})(.{4})(.{4})(.{4})(.{12})", "$1-$2-$3-$4-$5");
  }

  private static int attribute(CUdevice device, int attribute) {
    int[] value = new int[1];
    check(JCudaDriver.cuDeviceGetAttribute(value, attribute, device), "describing a GPU");
    return value[0];
  }
}
