package io.longreach.encoders.verify;

import io.longreach.encoders.checkpoint.CheckpointException;
import io.longreach.encoders.checkpoint.LocalFolder;
import io.longreach.encoders.checkpoint.Safetensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** The tensors of a case file (safetensors), all as doubles: cases are small and must be exact. */
final class CaseTensors {
  private final Map<String, CaseTensor> tensors = new LinkedHashMap<>();

  private CaseTensors() {}

  /**
   * @throws CheckpointException if the file is missing, cut short, or says what it does not hold
   */
  static CaseTensors read(Path file) throws IOException {
    LocalFolder folder = LocalFolder.of(file.toAbsolutePath().getParent());
    Safetensors stored = Safetensors.open(folder, file.getFileName().toString());
    CaseTensors all = new CaseTensors();
    for (String name : stored.names()) {
      all.tensors.put(name, new CaseTensor(name, stored.shape(name), stored.readDoubles(name)));
    }
    return all;
  }

  boolean has(String name) {
    return tensors.containsKey(name);
  }

  /**
   * @throws IllegalArgumentException if the case lacks it
   */
  CaseTensor get(String name) {
    CaseTensor tensor = tensors.get(name);
    if (tensor == null) {
      throw new IllegalArgumentException("the case must have " + name + ", has " + names());
    }
    return tensor;
  }

  Set<String> names() {
    return tensors.keySet();
  }
}
