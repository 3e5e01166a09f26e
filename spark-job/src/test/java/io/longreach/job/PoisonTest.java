package io.longreach.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.TreeMap;
import java.util.zip.GZIPOutputStream;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Documents that break things: each is embedded or has a reason, and none takes another along. */
class PoisonTest {
  private static final String INVALID = "text is not valid UTF-8 at byte %d: convert it to UTF-8";

  @TempDir Path folder;

  /** What must come of a document: null for an embedding. */
  private final TreeMap<String, String> expected = new TreeMap<>();

  @Test
  void eachDocumentIsEmbeddedOrHasAReason() throws IOException {
    text(
        "control.txt",
        "a\0b\1\2\3 \7\b\t\u001b[31m\u007f\u0085 text with control characters",
        null);
    text("long-line.txt", "word ".repeat(4000), null);
    text("long-word.txt", "a".repeat(300_000), null);
    text("many-lines.txt", "\r\n\u2028\u2029\n".repeat(2000) + "text", null);
    text(
        "right-to-left.txt",
        "\u202b\u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627\u202c abc",
        null);
    text(
        "emoji.txt",
        "\ud83d\udc69\u200d\ud83d\udc69\u200d\ud83d\udc67\u200d\ud83d\udc66 \ud83c\udff4 \u2764\ufe0f"
            .repeat(50),
        null);
    text("combining.txt", "e" + "\u0301".repeat(5000), null);
    text("chinese.txt", "\u4eba\u6c11".repeat(500), null);
    text("mark.txt", "\ufeffA text behind a byte order mark.", null);
    text("unassigned.txt", "\u0378\ue000\uffff \udbff\udfff private and unassigned", null);
    text("special.txt", "[CLS] [SEP] [PAD] [MASK] <s> </s> as text", null);
    text("empty.txt", "", "text is empty");
    text("spaces.txt", " \t\r\n\u00a0\u2003\u3000".repeat(100), "text is empty");
    text("invisible.txt", "\0\1\2", "text is empty");
    bytes(
        "surrogate.txt",
        new byte[] {'a', (byte) 0xED, (byte) 0xA0, (byte) 0x80},
        INVALID.formatted(1));
    bytes("overlong.txt", new byte[] {'a', 'b', (byte) 0xC0, (byte) 0x80}, INVALID.formatted(2));
    bytes("cut.txt", new byte[] {'a', (byte) 0xE2, (byte) 0x82}, INVALID.formatted(1));
    bytes(
        "latin.txt", "caf\u00e9 noir".getBytes(StandardCharsets.ISO_8859_1), INVALID.formatted(3));
    bytes("utf-16.txt", "A wide text".getBytes(StandardCharsets.UTF_16), INVALID.formatted(0));
    byte[] random = new byte[5000];
    new Random(1).nextBytes(random);
    bytes("binary.txt", random, "text is not valid UTF-8 at byte ");
    ByteArrayOutputStream zipped = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(zipped)) {
      gzip.write("zipped".getBytes(StandardCharsets.UTF_8));
    }
    bytes("zipped.txt", zipped.toByteArray(), INVALID.formatted(1));

    CommandRun run =
        CommandRun.of(
            "embed",
            folder.resolve("in").toString(),
            "-o",
            folder.resolve("out").toString(),
            "--count-tokens",
            "exact",
            "--pattern",
            "window(16)",
            "--tasks",
            "3");
    assertEquals(ExitStatus.DONE_WITH_FAILURES, run.status(), run.out() + run.err());
    Output output = Output.read(folder.resolve("out").toString());
    assertEquals(expected.size(), output.rows().size(), "nothing is lost, nothing is doubled");
    for (Row row : output.rows()) {
      String reason = expected.get(row.getString(0));
      if (reason == null) {
        assertEquals(null, row.getString(7), row.getString(0));
        assertEquals(row.getLong(2), row.getLong(3), "all tokens are used: " + row.getString(0));
        for (Object value : row.getList(1)) {
          assertTrue(Float.isFinite((Float) value), row.getString(0));
        }
      } else {
        assertNotNull(row.getString(7), row.getString(0));
        assertTrue(row.getString(7).startsWith(reason), row.getString(0) + ": " + row.getString(7));
      }
    }
  }

  private void text(String name, String text, String reason) throws IOException {
    bytes(name, text.getBytes(StandardCharsets.UTF_8), reason);
  }

  private void bytes(String name, byte[] bytes, String reason) throws IOException {
    Files.createDirectories(folder.resolve("in"));
    Files.write(folder.resolve("in").resolve(name), bytes);
    expected.put(name, reason);
  }
}
