package io.longreach.kernels.cuda;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** A driver that remembers what another one launches and what is read from it. */
final class LaunchCounter implements CudaDriver {
  private final CudaDriver driver;
  private final List<String> launches = new ArrayList<>();
  private int reads;

  LaunchCounter(CudaDriver driver) {
    this.driver = driver;
  }

  /** Kernels in the order of their launches, since the last call. */
  List<String> launches() {
    List<String> since = List.copyOf(launches);
    launches.clear();
    return since;
  }

  /** Copies to the host, since the last call. */
  int reads() {
    int since = reads;
    reads = 0;
    return since;
  }

  @Override
  public void launch(
      String kernel,
      int blocksX,
      int blocksY,
      int threads,
      int sharedBytes,
      ByteBuffer parameters) {
    launches.add(kernel);
    driver.launch(kernel, blocksX, blocksY, threads, sharedBytes, parameters);
  }

  @Override
  public void read(long address, ByteBuffer to) {
    reads++;
    driver.read(address, to);
  }

  @Override
  public String name() {
    return driver.name();
  }

  @Override
  public long allocate(long bytes) {
    return driver.allocate(bytes);
  }

  @Override
  public void free(long address) {
    driver.free(address);
  }

  @Override
  public void write(long address, ByteBuffer from) {
    driver.write(address, from);
  }

  @Override
  public int multiprocessors() {
    return driver.multiprocessors();
  }

  @Override
  public void synchronize() {
    driver.synchronize();
  }

  @Override
  public void close() {
    driver.close();
  }
}
