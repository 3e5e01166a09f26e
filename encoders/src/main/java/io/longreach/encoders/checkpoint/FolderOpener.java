package io.longreach.encoders.checkpoint;

import java.net.URI;
import java.util.Optional;
import java.util.ServiceLoader;

/**
 * Opens folders of file systems that this module does not know, for example Hadoop's. Found as a
 * service.
 */
public interface FolderOpener {

  /** The folder, empty if the scheme is not one of this opener's. */
  Optional<CheckpointFolder> open(URI folder);

  /**
   * Asks all openers.
   *
   * @throws CheckpointException if none knows the scheme
   */
  static CheckpointFolder find(URI folder) {
    for (FolderOpener opener :
        ServiceLoader.load(FolderOpener.class, FolderOpener.class.getClassLoader())) {
      Optional<CheckpointFolder> found = opener.open(folder);
      if (found.isPresent()) {
        return found.get();
      }
    }
    throw new CheckpointException(
        "model "
            + folder
            + ": no file system is known for "
            + folder.getScheme()
            + ": add Hadoop's jar for it, or copy the folder to this machine");
  }
}
