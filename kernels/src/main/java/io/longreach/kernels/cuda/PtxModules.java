package io.longreach.kernels.cuda;

import static io.longreach.kernels.cuda.CudaCall.check;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jcuda.driver.CUfunction;
import jcuda.driver.CUmodule;
import jcuda.driver.JCudaDriver;

/** The kernels of the shipped PTX by their names, as machine code in the current context. */
final class PtxModules implements AutoCloseable {
  private static final Pattern ENTRY =
      Pattern.compile("\\.entry (\\w+)\\(\\s*\\.param [^\\[;]*\\[(\\d+)]");
  private static final Pattern SUM = Pattern.compile("[0-9a-f]{64}  (\\w+\\.ptx)");

  private final List<CUmodule> modules = new ArrayList<>();
  private final Map<String, Kernel> kernels = new HashMap<>();

  /**
   * @param parameterBytes of the one struct that it takes
   */
  record Kernel(CUfunction function, int parameterBytes) {}

  /**
   * @param warpgroups whether the GPU has products of warpgroups
   * @throws CudaException if the driver does not understand the PTX
   */
  PtxModules(boolean warpgroups) {
    for (String file : files()) {
      if (isForHopper(file) && !warpgroups) {
        continue;
      }
      String ptx = text(file);
      CUmodule module = new CUmodule();
      check(JCudaDriver.cuModuleLoadData(module, ptx), "compiling the kernels of " + file);
      modules.add(module);
      Matcher entry = ENTRY.matcher(ptx);
      while (entry.find()) {
        CUfunction function = new CUfunction();
        check(
            JCudaDriver.cuModuleGetFunction(function, module, entry.group(1)),
            "finding the kernel " + entry.group(1));
        kernels.put(entry.group(1), new Kernel(function, Integer.parseInt(entry.group(2))));
      }
    }
  }

  /** Names of the PTX files, from the list of their sums. */
  static List<String> files() {
    return SUM.matcher(text("SHA256SUMS")).results().map(sum -> sum.group(1)).toList();
  }

  /** Whether a file is for compute capability 9.0 alone. */
  static boolean isForHopper(String file) {
    return file.endsWith("Hopper.ptx");
  }

  static String text(String file) {
    try (InputStream in = PtxModules.class.getResourceAsStream("ptx/" + file)) {
      if (in == null) {
        throw new CudaException(
            "the kernels' " + file + " is not on the class path: use the jar as it was built");
      }
      return new String(in.readAllBytes(), StandardCharsets.US_ASCII);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * @throws CudaException if there is no such kernel or it takes other parameters
   */
  Kernel kernel(String name, int parameterBytes) {
    Kernel kernel = kernels.get(name);
    if (kernel == null) {
      throw new CudaException("there is no kernel '" + name + "' in the PTX: build it again");
    }
    if (kernel.parameterBytes != parameterBytes) {
      throw new CudaException(
          "parameters of "
              + name
              + " must have "
              + kernel.parameterBytes
              + " bytes, had "
              + parameterBytes);
    }
    return kernel;
  }

  @Override
  public void close() {
    modules.forEach(JCudaDriver::cuModuleUnload);
    modules.clear();
    kernels.clear();
  }
}
