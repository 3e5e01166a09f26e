package io.longreach.kernels.picture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.longreach.kernels.pattern.AttentionPattern;
import io.longreach.kernels.pattern.PositionalPattern;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MaskPictureTest {

  @Test
  void windowOfOne() {
    assertEquals(
        """
         1 1 . . .
         1 1 1 . .
         . 1 1 1 .
         . . 1 1 1
         . . . 1 1
        """,
        picture("window(1)", 5).text());
  }

  @Test
  void repeatedKeysShowHowOftenTheyCount() {
    assertEquals(
        " 1 1 2 2\n 1 1 2 2\n 2 2 1 1\n 2 2 1 1\n", picture("chunks(2, after=1)", 4).text());
  }

  @Test
  void longTextsAreShaded() {
    String[] lines = picture("block(100)", 640).text().split("\n");
    assertEquals(64, lines.length, "ten tokens a line");
    assertEquals(" " + "#".repeat(20) + " ".repeat(108), lines[0]);
  }

  @Test
  void imagesHaveAColourForEachCount(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("made/mask.png");
    picture("chunks(2, after=1)", 4).writePng(file);
    BufferedImage image = ImageIO.read(file.toFile());
    assertEquals(640, image.getWidth());
    int once = image.getRGB(80, 80);
    int twice = image.getRGB(80 + 320, 80);
    assertNotEquals(once, twice);
    assertEquals(once, image.getRGB(80 + 320, 80 + 320), "own chunk");
  }

  @Test
  void tooLongOrImpossibleMasksAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> picture("dense", 5000));
    assertThrows(IllegalArgumentException.class, () -> picture("dense", 0));
    assertThrows(IllegalArgumentException.class, () -> picture("global(9)", 5));
  }

  private static MaskPicture picture(String pattern, int tokens) {
    return new MaskPicture((PositionalPattern) AttentionPattern.parse(pattern), tokens);
  }
}
