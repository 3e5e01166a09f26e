package io.longreach.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longreach.encoders.Embedder;
import io.longreach.encoders.EmbedderOptions;
import io.longreach.job.embed.FaultyFileSystem;
import io.longreach.udfs.Embedders;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A full disk, an output that cannot be written, memory that ends in the middle of a document. */
class FaultTest {
  private static final int DOCUMENTS = 6;

  @TempDir Path folder;

  @BeforeEach
  void write() throws IOException {
    System.setProperty(FaultyFileSystem.SETTING, FaultyFileSystem.class.getName());
    Files.createDirectories(folder.resolve("in"));
    for (int i = 0; i < DOCUMENTS; i++) {
      Files.writeString(
          folder.resolve("in/" + i + ".txt"), ("Document " + i + " says so. ").repeat(i + 1));
    }
  }

  @AfterEach
  void mend() {
    FaultyFileSystem.mend();
    System.clearProperty(FaultyFileSystem.SETTING);
  }

  /** What fits stays, and the same command finishes the rest once there is room. */
  @Test
  void aFullDiskFailsTheJobAndTheNextRunFinishesIt() {
    assertEquals(ExitStatus.DONE, embed(folder.resolve("whole").toString()).status());
    FaultyFileSystem.limit(10_000);
    CommandRun full = embed("faulty://" + folder.resolve("out"), "--tasks", "6");
    assertEquals(ExitStatus.FAILED, full.status(), full.out());
    assertTrue(full.err().contains("No space left on device"), full.err());
    assertFalse(Files.exists(folder.resolve("out/_SUCCESS")));
    FaultyFileSystem.mend();
    CommandRun again = embed("faulty://" + folder.resolve("out"), "--tasks", "6");
    assertEquals(ExitStatus.DONE, again.status(), again.err());
    assertFalse(again.out().contains("Embedding 6 documents"), again.out());
    Output out = Output.read(folder.resolve("out").toString());
    assertEquals(DOCUMENTS, out.rows().size());
    assertEquals(Output.read(folder.resolve("whole").toString()).embeddings(), out.embeddings());
  }

  @Test
  void anOutputThatCannotBeWrittenIsSaidBeforeAnythingIsEmbedded() throws IOException {
    Files.writeString(folder.resolve("file"), "No folder.");
    for (String output :
        List.of(folder.resolve("file/out").toString(), "faulty://" + folder.resolve("full"))) {
      FaultyFileSystem.limit(0);
      CommandRun refused = embed(output);
      assertEquals(ExitStatus.USAGE, refused.status(), refused.err());
      assertEquals(1, refused.errorLines().size(), refused.err());
      assertTrue(refused.err().contains("cannot write '" + output + "': "), refused.err());
      assertFalse(refused.out().contains("Embedding"), refused.out());
    }
  }

  @Test
  void aDocumentThatRunsOutOfMemoryFailsAlone() throws IOException {
    Embedders.openWith(FaultTest::outOfMemoryAt32Tokens);
    try {
      CommandRun run = embed(folder.resolve("out").toString());
      assertEquals(ExitStatus.DONE_WITH_FAILURES, run.status(), run.err());
      assertTrue(run.out().contains("documents  6, 1 failed"), run.out());
      assertTrue(run.out().contains("out of memory at 32 tokens: give the executor"), run.out());
    } finally {
      Embedders.openWith(Embedder::open);
    }
    String errors = errors();
    assertTrue(errors.contains("{\"doc_id\":\"5.txt\",\"stage\":\"embed\",\"reason\":\"out of"));
    assertTrue(errors.contains("\"bytes\":120,\"tokens\":32,\"attempt\":1}"), errors);
    // With more memory the same command finishes.
    assertEquals(ExitStatus.DONE, embed(folder.resolve("out").toString()).status());
    assertEquals("", errors());
  }

  private String errors() throws IOException {
    StringBuilder lines = new StringBuilder();
    try (Stream<Path> files = Files.list(folder.resolve("out/_errors"))) {
      for (Path file : files.filter(f -> f.toString().endsWith(".jsonl")).sorted().toList()) {
        lines.append(Files.readString(file));
      }
    }
    return lines.toString();
  }

  /** The real one, but for documents that are too long for it. */
  private static Embedder outOfMemoryAt32Tokens(EmbedderOptions options) {
    Embedder real = Embedder.open(options);
    return (Embedder)
        Proxy.newProxyInstance(
            Embedder.class.getClassLoader(),
            new Class<?>[] {Embedder.class},
            (proxy, method, arguments) -> {
              if (method.getName().matches("embed|encode")
                  && arguments[0] instanceof List<?> batch
                  && batch.stream().anyMatch(t -> ((Embedder.Tokens) t).ids().length >= 32)) {
                throw new OutOfMemoryError("Java heap space");
              }
              try {
                return method.invoke(real, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  private CommandRun embed(String output, String... options) {
    return CommandRun.of(
        Stream.concat(
                Stream.of("embed", folder.resolve("in").toString(), "-o", output),
                Stream.of(options))
            .toArray(String[]::new));
  }
}
