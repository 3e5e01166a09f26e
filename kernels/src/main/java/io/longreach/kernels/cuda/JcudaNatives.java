package io.longreach.kernels.cuda;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Loads JCuda's native libraries. JCuda unpacks them under fixed names in {@code java.io.tmpdir},
 * where executors that start together would load each other's half-written files: each process gets
 * a folder of its own instead, which is gone as soon as they are loaded.
 */
final class JcudaNatives {

  private JcudaNatives() {}

  /**
   * @param load touches the JCuda class whose static initialiser loads its library
   */
  static synchronized void load(Runnable load) throws IOException {
    String shared = System.getProperty("java.io.tmpdir");
    Path own = Files.createTempDirectory("longreach-jcuda");
    System.setProperty("java.io.tmpdir", own.toString());
    try {
      load.run();
    } finally {
      System.setProperty("java.io.tmpdir", shared);
      delete(own);
    }
  }

  /** A library that is loaded needs its file no more. Others' files, should there be any, stay. */
  private static void delete(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      List<Path> libraries =
          files.filter(file -> file.getFileName().toString().contains("JCuda")).toList();
      for (Path library : libraries) {
        Files.deleteIfExists(library);
      }
      Files.deleteIfExists(folder);
    } catch (IOException e) {
      // A file left in the temporary folder harms nobody.
    }
  }
}
