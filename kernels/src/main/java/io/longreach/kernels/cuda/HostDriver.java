package io.longreach.kernels.cuda;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * The stand-in for a GPU: the CUDA sources compiled by g++ with AddressSanitizer and UBSan, in a
 * process of their own. For checking, not for work: thousands of times slower than a GPU.
 */
public final class HostDriver implements CudaDriver {
  private final Process process;
  private final Path errors;
  private final WritableByteChannel out;
  private final ReadableByteChannel in;
  private final OutputStream flush;

  private final boolean warpgroups;

  /** Deleted with the driver; null if it outlives it. */
  private HostProgram own;

  /**
   * @param warpgroups whether it has products of warpgroups
   */
  HostDriver(Process process, Path errors, boolean warpgroups) {
    this.warpgroups = warpgroups;
    this.process = process;
    this.errors = errors;
    this.flush = new BufferedOutputStream(process.getOutputStream(), 1 << 16);
    this.out = Channels.newChannel(flush);
    InputStream answers = new BufferedInputStream(process.getInputStream(), 1 << 16);
    this.in = Channels.newChannel(answers);
  }

  /** Whether there is a g++ to compile with. */
  public static boolean available() {
    try {
      return new ProcessBuilder("g++", "--version")
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /**
   * Compiles the sources, which takes seconds, and starts a process that checks memory accesses.
   *
   * @param warpgroups whether it stands in for a GPU that has products of warpgroups
   * @throws CudaException if there is no g++ or it fails
   */
  public static HostDriver start(boolean warpgroups) {
    HostProgram program = HostProgram.compile(HostProgram.Check.MEMORY, null);
    try {
      HostDriver driver = program.start(warpgroups);
      driver.own = program;
      return driver;
    } catch (RuntimeException e) {
      program.delete();
      throw e;
    }
  }

  @Override
  public String name() {
    return warpgroups ? "cuda-host-hopper" : "cuda-host";
  }

  @Override
  public boolean hasWarpgroups() {
    return warpgroups;
  }

  @Override
  public int multiprocessors() {
    return 1;
  }

  @Override
  public long allocate(long bytes) {
    return allocate(bytes, 0);
  }

  /** {@inheritDoc} It is full of NaN. */
  @Override
  public long allocateScratch(long bytes) {
    return allocate(bytes, 0xff);
  }

  private synchronized long allocate(long bytes, int content) {
    send('A', bytes, content);
    long address = answer();
    if (address == 0) {
      throw new CudaOutOfMemoryException(
          "cuda-host has no memory for " + bytes + " bytes: free some");
    }
    return address;
  }

  @Override
  public synchronized void free(long address) {
    send('F', address);
  }

  @Override
  public synchronized void write(long address, ByteBuffer from) {
    send('W', address, from.remaining());
    send(from);
  }

  @Override
  public synchronized void read(long address, ByteBuffer to) {
    send('R', address, to.remaining());
    receive(to);
  }

  @Override
  public synchronized void launch(
      String kernel,
      int blocksX,
      int blocksY,
      int threads,
      int sharedBytes,
      ByteBuffer parameters) {
    byte[] name = kernel.getBytes(StandardCharsets.US_ASCII);
    send('L', name.length);
    send(ByteBuffer.wrap(name));
    sendLongs(blocksX, blocksY, threads, sharedBytes, parameters.remaining());
    send(parameters);
    answer();
  }

  private void send(char command, long... values) {
    send(ByteBuffer.wrap(new byte[] {(byte) command}));
    sendLongs(values);
  }

  private void sendLongs(long... values) {
    ByteBuffer bytes =
        ByteBuffer.allocate(values.length * Long.BYTES).order(ByteOrder.nativeOrder());
    for (long value : values) {
      bytes.putLong(value);
    }
    send(bytes.flip());
  }

  private void send(ByteBuffer bytes) {
    try {
      while (bytes.hasRemaining()) {
        out.write(bytes);
      }
    } catch (IOException e) {
      throw ended(e);
    }
  }

  private long answer() {
    ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.nativeOrder());
    receive(bytes);
    return bytes.getLong(0);
  }

  private void receive(ByteBuffer to) {
    try {
      flush.flush();
      while (to.hasRemaining()) {
        if (in.read(to) < 0) {
          throw ended(null);
        }
      }
    } catch (IOException e) {
      throw ended(e);
    }
  }

  /** What the sanitizers said. */
  private CudaException ended(IOException cause) {
    String said;
    try {
      process.waitFor(10, TimeUnit.SECONDS);
      said = Files.readString(errors);
    } catch (IOException e) {
      said = e.getMessage();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      said = "interrupted";
    }
    return new CudaException("cuda-host ended:\n" + said, cause);
  }

  @Override
  public synchronized void close() {
    process.destroy();
    if (own != null) {
      own.delete();
    }
  }
}
