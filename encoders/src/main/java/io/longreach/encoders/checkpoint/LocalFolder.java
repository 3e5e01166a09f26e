package io.longreach.encoders.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.OptionalLong;

/** A folder of this machine; its files are memory-mapped. */
public record LocalFolder(String name, Path path) implements CheckpointFolder {

  public static LocalFolder of(Path path) {
    return new LocalFolder(path.toString(), path);
  }

  @Override
  public OptionalLong bytes(String file) throws IOException {
    Path resolved = path.resolve(file);
    return Files.isRegularFile(resolved)
        ? OptionalLong.of(Files.size(resolved))
        : OptionalLong.empty();
  }

  @Override
  public ByteBuffer slice(String file, long offset, int bytes) throws IOException {
    try (FileChannel channel = FileChannel.open(path.resolve(file), StandardOpenOption.READ)) {
      if (offset + bytes > channel.size()) {
        throw new IOException("the file has become shorter while it was read");
      }
      return channel.map(FileChannel.MapMode.READ_ONLY, offset, bytes);
    }
  }
}
