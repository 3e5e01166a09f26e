package io.longreach.job.input;

import com.github.luben.zstd.ZstdInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.io.compress.CompressionCodec;
import org.apache.hadoop.io.compress.CompressionCodecFactory;
import org.apache.hadoop.io.compress.CompressionInputStream;
import org.apache.hadoop.io.compress.CompressionOutputStream;
import org.apache.hadoop.io.compress.Compressor;
import org.apache.hadoop.io.compress.Decompressor;

/**
 * Reads {@code .zst} by the library that Spark brings: Hadoop's own codec needs native Hadoop,
 * which few machines have. It reads only.
 */
public final class ZstdCodec implements CompressionCodec {

  /** Makes it the codec of {@code .zst} files. */
  static void addTo(Configuration conf) {
    List<Class<? extends CompressionCodec>> classes =
        new ArrayList<>(CompressionCodecFactory.getCodecClasses(conf));
    classes.removeIf(codec -> codec.getSimpleName().equals("ZStandardCodec"));
    classes.add(ZstdCodec.class);
    CompressionCodecFactory.setCodecClasses(conf, new ArrayList<>(classes));
  }

  @Override
  public CompressionInputStream createInputStream(InputStream in) throws IOException {
    return new Decompressed(in);
  }

  @Override
  public CompressionInputStream createInputStream(InputStream in, Decompressor none)
      throws IOException {
    return new Decompressed(in);
  }

  private static final class Decompressed extends CompressionInputStream {
    private final ZstdInputStream text;

    Decompressed(InputStream compressed) throws IOException {
      super(compressed);
      text = new ZstdInputStream(compressed);
    }

    @Override
    public int read() throws IOException {
      return text.read();
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      return text.read(bytes, offset, length);
    }

    @Override
    public void resetState() {
      throw new UnsupportedOperationException("a stream of .zst is read once");
    }

    @Override
    public void close() throws IOException {
      text.close();
    }
  }

  @Override
  public Class<? extends Decompressor> getDecompressorType() {
    return null;
  }

  @Override
  public Decompressor createDecompressor() {
    return null;
  }

  @Override
  public CompressionOutputStream createOutputStream(OutputStream out) {
    throw new UnsupportedOperationException("this codec only reads");
  }

  @Override
  public CompressionOutputStream createOutputStream(OutputStream out, Compressor none) {
    throw new UnsupportedOperationException("this codec only reads");
  }

  @Override
  public Class<? extends Compressor> getCompressorType() {
    return null;
  }

  @Override
  public Compressor createCompressor() {
    return null;
  }

  @Override
  public String getDefaultExtension() {
    return ".zst";
  }
}
