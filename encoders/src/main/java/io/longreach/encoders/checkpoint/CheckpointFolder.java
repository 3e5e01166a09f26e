package io.longreach.encoders.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.OptionalLong;

/** Where the files of a checkpoint are; the names of files are relative, with {@code /}. */
public interface CheckpointFolder {

  /** What a user calls it. */
  String name();

  /** Length of a file, empty if there is no such file. */
  OptionalLong bytes(String file) throws IOException;

  /**
   * A part of a file, memory-mapped where the folder can. At most what {@link #bytes} says may be
   * asked for.
   *
   * @throws IOException if the file has become shorter or cannot be read
   */
  ByteBuffer slice(String file, long offset, int bytes) throws IOException;
}
