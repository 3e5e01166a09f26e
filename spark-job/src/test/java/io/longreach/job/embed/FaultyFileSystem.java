package io.longreach.job.embed;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.permission.FsPermission;

/**
 * The local files under a scheme of their own, {@code faulty:///}, failing when told to: after so
 * many changes nothing can be changed any more, as if the process had been killed there, or after
 * so many bytes the disk is full.
 */
public final class FaultyFileSystem extends RawLocalFileSystem {
  /** The setting that makes Hadoop find it. */
  public static final String SETTING = "spark.hadoop.fs.faulty.impl";

  private static final URI ROOT = URI.create("faulty:///");
  private static final AtomicLong CHANGES = new AtomicLong();
  private static final AtomicLong BYTES = new AtomicLong();
  private static volatile long changesAllowed = Long.MAX_VALUE;
  private static volatile long bytesAllowed = Long.MAX_VALUE;

  /** Makes it work from here on. */
  public static void mend() {
    changesAllowed = Long.MAX_VALUE;
    bytesAllowed = Long.MAX_VALUE;
    CHANGES.set(0);
    BYTES.set(0);
  }

  static void crashAfter(long changes) {
    mend();
    changesAllowed = changes;
  }

  /** Makes it as large as this. */
  public static void limit(long bytes) {
    mend();
    bytesAllowed = bytes;
  }

  static long changes() {
    return CHANGES.get();
  }

  private static void change() throws IOException {
    if (CHANGES.incrementAndGet() > changesAllowed) {
      throw new IOException("the process was killed here");
    }
  }

  private static void write(long bytes) throws IOException {
    change();
    if (BYTES.addAndGet(bytes) > bytesAllowed) {
      throw new IOException("No space left on device");
    }
  }

  @Override
  public URI getUri() {
    return ROOT;
  }

  @Override
  public String getScheme() {
    return ROOT.getScheme();
  }

  @Override
  protected OutputStream createOutputStreamWithMode(
      Path file, boolean append, FsPermission permission) throws IOException {
    change();
    OutputStream out = super.createOutputStreamWithMode(file, append, permission);
    return new OutputStream() {
      @Override
      public void write(int value) throws IOException {
        FaultyFileSystem.write(1);
        out.write(value);
      }

      @Override
      public void write(byte[] bytes, int offset, int length) throws IOException {
        FaultyFileSystem.write(length);
        out.write(bytes, offset, length);
      }

      @Override
      public void close() throws IOException {
        out.close();
      }
    };
  }

  @Override
  public boolean rename(Path from, Path to) throws IOException {
    change();
    return super.rename(from, to);
  }

  @Override
  public boolean delete(Path path, boolean recursive) throws IOException {
    change();
    return super.delete(path, recursive);
  }

  @Override
  public boolean mkdirs(Path path, FsPermission permission) throws IOException {
    change();
    return super.mkdirs(path, permission);
  }
}
