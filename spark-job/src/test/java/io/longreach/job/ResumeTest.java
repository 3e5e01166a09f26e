package io.longreach.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Going on, again and incrementally: exactly what is missing or changed is embedded. */
class ResumeTest {
  private static final int DOCUMENTS = 8;

  @TempDir Path folder;

  @BeforeEach
  void write() throws IOException {
    Files.createDirectories(folder.resolve("in"));
    for (int i = 0; i < DOCUMENTS; i++) {
      write(i + ".txt", "Document " + i + " says so.");
    }
  }

  @Test
  void theSameCommandAgainEmbedsNothing() throws IOException {
    assertEquals(ExitStatus.DONE, embed().status());
    Map<String, List<Float>> first = output().embeddings();
    CommandRun again = embed();
    assertEquals(ExitStatus.DONE, again.status(), again.err());
    assertTrue(again.out().contains("8 documents are done already"), again.out());
    assertTrue(again.out().contains("Embedding 0 documents"), again.out());
    assertTrue(again.out().contains("documents  8, 0 failed"), again.out());
    assertEquals(first, output().embeddings());
    assertEquals(DOCUMENTS, output().rows().size(), "no document twice");
  }

  /** A dead driver leaves the files of finished tasks, and no mark of success. */
  @Test
  void whatADeadRunLeftIsFinished() throws IOException {
    embed();
    Map<String, List<Float>> whole = output().embeddings();
    Files.delete(folder.resolve("out/_SUCCESS"));
    Files.createDirectories(folder.resolve("out/_temporary/0/_temporary/attempt_1"));
    Files.writeString(folder.resolve("out/_temporary/0/_temporary/attempt_1/part-0.parquet"), "x");
    Path lost = files("part-").get(0);
    Files.delete(lost);
    CommandRun again = embed();
    assertEquals(ExitStatus.DONE, again.status(), again.err());
    assertFalse(again.out().contains("Embedding 0 documents"), again.out());
    assertFalse(again.out().contains("Embedding 8 documents"), again.out());
    assertEquals(DOCUMENTS, output().rows().size(), "each document once");
    assertEquals(whole, output().embeddings(), "the same bits");
    assertTrue(Files.exists(folder.resolve("out/_SUCCESS")));
    assertFalse(Files.exists(folder.resolve("out/_temporary")), "nothing is left lying about");
  }

  @Test
  void aChangedTextAndANewOneAreEmbeddedAndNoOther() throws IOException {
    embed();
    Map<String, List<Float>> before = output().embeddings();
    write("3.txt", "Document 3 has changed its mind.");
    write("new.txt", "A new document.");
    Files.delete(folder.resolve("in/5.txt"));
    CommandRun again = embed();
    assertTrue(again.out().contains("Embedding 2 documents"), again.out());
    Map<String, List<Float>> after = output().embeddings();
    assertEquals(DOCUMENTS + 1, output().rows().size(), "what the input lost stays");
    assertNotEquals(before.get("3.txt"), after.get("3.txt"));
    after.keySet().removeAll(Set.of("3.txt", "new.txt"));
    before.remove("3.txt");
    assertEquals(before, after);
    assertTrue(files("_rewrite").isEmpty(), "nothing is left lying about");
  }

  @Test
  void anotherPatternMustBeAskedForAndReplacesAll() throws IOException {
    embed();
    CommandRun refused = embed("--pattern", "window(4)");
    assertEquals(ExitStatus.USAGE, refused.status(), refused.out());
    assertTrue(refused.err().contains("--update to embed what is new or changed"), refused.err());
    CommandRun updated = embed("--pattern", "window(4)", "--update");
    assertEquals(ExitStatus.DONE, updated.status(), updated.err());
    assertTrue(updated.out().contains("Embedding 8 documents"), updated.out());
    assertEquals(DOCUMENTS, output().rows().size(), "no row of the old pattern");
    assertTrue(output().rows().stream().allMatch(row -> row.getString(5).equals("window(4)")));
  }

  @Test
  void aRewriteThatDiedIsFinished() throws IOException {
    embed();
    Path part = files("part-").get(0);
    Path aside = Files.createDirectories(folder.resolve("out/_rewrite-1"));
    Files.copy(part, aside.resolve("part-00000-again.parquet"));
    Files.writeString(aside.resolve("_replaced"), part.toUri() + "\n");
    Path never = Files.createDirectories(folder.resolve("out/_rewrite-2"));
    Files.copy(part, never.resolve("part-00000-never.parquet"));
    assertEquals(ExitStatus.DONE, embed().status());
    assertEquals(DOCUMENTS, output().rows().size(), "each document once");
    assertFalse(Files.exists(part), "replaced");
    assertTrue(files("_rewrite").isEmpty());
  }

  @Test
  void failedDocumentsAreTriedAgainAndMayStopTheJob() throws IOException {
    write("blank.txt", " ");
    Files.write(folder.resolve("in/bytes.txt"), new byte[] {'a', (byte) 0xC0});
    CommandRun stopped = embed("--max-failures", "1");
    assertEquals(ExitStatus.FAILED, stopped.status(), stopped.out());
    assertTrue(stopped.err().contains("more than 1 documents failed"), stopped.err());
    CommandRun failed = embed();
    assertEquals(ExitStatus.DONE_WITH_FAILURES, failed.status(), failed.err());
    assertTrue(failed.out().contains("documents  10, 2 failed"), failed.out());
    assertTrue(failed.out().contains("errors     " + folder.resolve("out/_errors")), failed.out());
    write("blank.txt", "No longer blank.");
    CommandRun again = embed();
    assertEquals(ExitStatus.DONE_WITH_FAILURES, again.status(), again.err());
    assertTrue(again.out().contains("Embedding 2 documents"), again.out());
    String errors = "";
    for (Path file : files("_errors/attempt-")) {
      errors += Files.readString(file);
    }
    assertEquals(
        "{\"doc_id\":\"bytes.txt\",\"stage\":\"tokenize\",\"reason\":\"text is not valid UTF-8 at"
            + " byte 1: convert it to UTF-8\",\"bytes\":2,\"tokens\":0,\"attempt\":3}\n",
        errors);
  }

  private List<Path> files(String prefix) throws IOException {
    Path at = folder.resolve("out").resolve(prefix);
    try (Stream<Path> files = Files.list(at.getParent())) {
      return files
          .filter(file -> file.getFileName().toString().startsWith(at.getFileName().toString()))
          .sorted()
          .toList();
    }
  }

  private Output output() {
    return Output.read(folder.resolve("out").toString());
  }

  private CommandRun embed(String... options) {
    return CommandRun.of(
        Stream.concat(
                Stream.of(
                    "embed",
                    folder.resolve("in").toString(),
                    "-o",
                    folder.resolve("out").toString()),
                Stream.of(options))
            .toArray(String[]::new));
  }

  private void write(String name, String text) throws IOException {
    Files.writeString(folder.resolve("in").resolve(name), text);
  }
}
