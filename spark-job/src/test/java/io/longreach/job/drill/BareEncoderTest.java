package io.longreach.job.drill;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longreach.encoders.Embedder;
import io.longreach.encoders.EmbedderOptions;
import io.longreach.encoders.bench.SmallModel;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a bare encoder answers to whoever asks it for readings. */
class BareEncoderTest {
  @TempDir Path folder;

  @Test
  void answersEachReadingWithItsSpeedAndItsEndAndEndsWithItsInput() throws IOException {
    String model = SmallModel.writeSmallest(folder.resolve("model")).toString();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (Embedder embedder = Embedder.open(EmbedderOptions.defaults().withModel(model))) {
      new BareEncoder(embedder, List.of("one of the people", "two of the people"), 0.01)
          .answer(
              new BufferedReader(new StringReader("start\nstop\nstart\nstop\n")),
              new PrintStream(out, true, StandardCharsets.UTF_8));
    }
    String said = out.toString(StandardCharsets.UTF_8);
    String speed = "[1-9]\\d*\\.\\d tokens/s in reading ";
    assertTrue(
        said.matches(speed + "1\\Rend of reading 1\\R" + speed + "2\\Rend of reading 2\\R"), said);
  }
}
