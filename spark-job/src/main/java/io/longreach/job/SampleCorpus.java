package io.longreach.job;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** The documents that ship with the project. */
final class SampleCorpus {
  private static final String NAME = "state-of-the-union-sample.jsonl.gz";

  private SampleCorpus() {}

  /** A file of the sample, copied out of the jar for Spark to read. */
  static String path() {
    try (InputStream in = SampleCorpus.class.getResourceAsStream("/" + NAME)) {
      if (in == null) {
        throw new UsageException(
            "the sample corpus is not on the class path: name an input, or rebuild the jar");
      }
      Path folder = Files.createTempDirectory("longreach-sample");
      Path file = folder.resolve(NAME);
      Files.copy(in, file, StandardCopyOption.REPLACE_EXISTING);
      file.toFile().deleteOnExit();
      folder.toFile().deleteOnExit();
      return file.toUri().toString();
    } catch (IOException e) {
      throw new UncheckedIOException("the sample corpus could not be copied out of the jar", e);
    }
  }
}
