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
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The stand-in for a GPU: the CUDA sources compiled by g++ with AddressSanitizer and UBSan, in a
 * process of their own. For checking, not for work: thousands of times slower than a GPU.
 */
public final class HostDriver implements CudaDriver {
  private static final List<String> SOURCES =
      List.of("device.cuh", "host.hpp", "host.cpp", "attention.cu", "linear.cu", "rows.cu");

  private final Path folder;
  private final Process process;
  private final WritableByteChannel out;
  private final ReadableByteChannel in;
  private final OutputStream flush;

  private HostDriver(Path folder, Process process) {
    this.folder = folder;
    this.process = process;
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
   * Compiles the sources, which takes seconds, and starts the process.
   *
   * @throws CudaException if there is no g++ or it fails
   */
  public static HostDriver start() {
    if (!available()) {
      throw new CudaException(
          "the device cuda-host needs a C++ compiler, and g++ is not on the PATH: install g++");
    }
    try {
      Path folder = Files.createTempDirectory("longreach-cuda-host");
      for (String source : SOURCES) {
        try (InputStream from = HostDriver.class.getResourceAsStream("source/" + source)) {
          Files.copy(from, folder.resolve(source));
        }
      }
      compile(folder);
      ProcessBuilder run = new ProcessBuilder(folder.resolve("host").toString());
      run.environment().put("ASAN_OPTIONS", "detect_leaks=0");
      run.redirectError(folder.resolve("errors.txt").toFile());
      return new HostDriver(folder, run.start());
    } catch (IOException e) {
      throw new CudaException("cuda-host cannot be started: " + e.getMessage(), e);
    }
  }

  private static void compile(Path folder) throws IOException {
    List<String> command = new ArrayList<>(List.of("g++", "-std=c++17", "-O2", "-g"));
    command.addAll(List.of("-Wall", "-Wextra", "-Werror", "-Wno-unknown-pragmas"));
    command.addAll(List.of("-Wno-unused-function", "-fsanitize=address,undefined"));
    command.addAll(List.of("-fno-sanitize-recover=all", "host.cpp", "-o", "host"));
    Path log = folder.resolve("compile.txt");
    Process compiler =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    try {
      if (compiler.waitFor() != 0) {
        throw new CudaException("g++ cannot compile the kernels:\n" + Files.readString(log));
      }
    } catch (InterruptedException e) {
      compiler.destroy();
      Thread.currentThread().interrupt();
      throw new CudaException("interrupted while compiling the kernels", e);
    }
  }

  @Override
  public String name() {
    return "cuda-host";
  }

  @Override
  public synchronized long allocate(long bytes) {
    send('A', bytes);
    long address = answer();
    if (address == 0) {
      throw new CudaException("cuda-host has no memory for " + bytes + " bytes: free some");
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
      String kernel, int blocksX, int blocksY, int threads, ByteBuffer parameters) {
    byte[] name = kernel.getBytes(StandardCharsets.US_ASCII);
    send('L', name.length);
    send(ByteBuffer.wrap(name));
    sendLongs(blocksX, blocksY, threads, parameters.remaining());
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
    String errors;
    try {
      process.waitFor(10, TimeUnit.SECONDS);
      errors = Files.readString(folder.resolve("errors.txt"));
    } catch (IOException e) {
      errors = e.getMessage();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      errors = "interrupted";
    }
    return new CudaException("cuda-host ended:\n" + errors, cause);
  }

  @Override
  public synchronized void close() {
    process.destroy();
    try {
      for (String file : List.of("host", "errors.txt", "compile.txt")) {
        Files.deleteIfExists(folder.resolve(file));
      }
      for (String file : SOURCES) {
        Files.deleteIfExists(folder.resolve(file));
      }
      Files.deleteIfExists(folder);
    } catch (IOException e) {
      // A file left in the temporary folder harms nobody.
    }
  }
}
