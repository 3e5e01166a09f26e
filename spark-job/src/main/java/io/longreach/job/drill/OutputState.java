package io.longreach.job.drill;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The files of an output at one moment.
 *
 * @param parts what tasks have committed: size and time by name
 * @param others all other names, but those of the notes
 */
record OutputState(Map<String, String> parts, List<String> others) {

  static OutputState of(Path output) throws IOException {
    Map<String, String> parts = new TreeMap<>();
    List<String> others = new ArrayList<>();
    if (Files.exists(output)) {
      try (Stream<Path> files = Files.list(output)) {
        for (Path file : files.sorted().toList()) {
          String name = file.getFileName().toString();
          if (name.startsWith("part-")) {
            parts.put(name, sizeAndTime(file));
          } else if (!name.startsWith(".") && !name.equals("_longreach")) {
            others.add(name);
          }
        }
      }
    }
    return new OutputState(parts, others);
  }

  private static String sizeAndTime(Path file) throws IOException {
    try {
      BasicFileAttributes found = Files.readAttributes(file, BasicFileAttributes.class);
      return found.size() + " bytes at " + found.lastModifiedTime();
    } catch (NoSuchFileException e) {
      return "just being replaced";
    }
  }

  /** Whether a run has marked its end and has left nothing of its ways there. */
  boolean isTidy() {
    return others.contains("_SUCCESS")
        && others.stream()
            .noneMatch(name -> name.equals("_temporary") || name.startsWith("_rewrite-"));
  }

  /** Names of the parts that are no longer what they were: their work was done twice. */
  List<String> changedIn(OutputState later) {
    return parts.keySet().stream()
        .filter(name -> !parts.get(name).equals(later.parts.get(name)))
        .toList();
  }
}
