package io.longreach.kernels.picture;

import io.longreach.kernels.pattern.PositionalPattern;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;

/**
 * The mask of a pattern, drawn: a row for each query, a column for each key.
 *
 * <p><b>Cost.</b> O(tokens²) time and memory, for at most {@value PositionalPattern#MASK_TOKENS}
 * tokens.
 */
public final class MaskPicture {
  /** Longer texts are drawn smaller: each character stands for a square of connections. */
  private static final int TEXT_CELLS = 64;

  /** From nothing to everything. */
  private static final String SHADES = " .:-=+*%@#";

  /** Short texts get larger squares, so that the image is about this wide. */
  private static final int IMAGE_PIXELS = 640;

  private static final int PAPER = 0xF7F7F5;
  private static final int GRID = 0xE2E2DE;
  private static final int[] INKS = {0x1F4E79, 0xB5482A, 0xE0A526};

  private final PositionalPattern pattern;
  private final int tokens;
  private final byte[][] counts;

  /**
   * @throws IllegalArgumentException if the pattern cannot be laid over so many tokens, or they are
   *     too many to draw
   */
  public MaskPicture(PositionalPattern pattern, int tokens) {
    if (tokens < 1 || tokens > PositionalPattern.MASK_TOKENS) {
      throw new IllegalArgumentException(
          "a mask is drawn for 1 to "
              + PositionalPattern.MASK_TOKENS
              + " tokens, was asked for "
              + tokens
              + ": choose fewer");
    }
    pattern.parts(tokens); // complains about what attends does not look at
    this.pattern = pattern;
    this.tokens = tokens;
    this.counts = new byte[tokens][tokens];
    for (int query = 0; query < tokens; query++) {
      for (int key = 0; key < tokens; key++) {
        counts[query][key] = (byte) Math.min(Byte.MAX_VALUE, pattern.count(query, key, tokens));
      }
    }
  }

  /**
   * Lines of {@code 1} and {@code .}, or of the number of times a key counts; a long text is shaded
   * in {@value #TEXT_CELLS} columns.
   */
  public String text() {
    return tokens <= TEXT_CELLS ? exact() : shaded();
  }

  private String exact() {
    StringBuilder text = new StringBuilder();
    for (byte[] row : counts) {
      for (byte count : row) {
        text.append(' ').append(count == 0 ? "." : count > 9 ? "+" : String.valueOf(count));
      }
      text.append('\n');
    }
    return text.toString();
  }

  private String shaded() {
    int cell = (tokens + TEXT_CELLS - 1) / TEXT_CELLS;
    StringBuilder text = new StringBuilder();
    for (int query = 0; query < tokens; query += cell) {
      text.append(' ');
      for (int key = 0; key < tokens; key += cell) {
        char shade = shade(query, key, cell);
        text.append(shade).append(shade);
      }
      text.append('\n');
    }
    return text.toString();
  }

  /** Blank for nothing only, the darkest for everything only. */
  private char shade(int firstQuery, int firstKey, int cell) {
    int lastQuery = Math.min(tokens, firstQuery + cell);
    int lastKey = Math.min(tokens, firstKey + cell);
    int seen = 0;
    for (int query = firstQuery; query < lastQuery; query++) {
      for (int key = firstKey; key < lastKey; key++) {
        seen += counts[query][key] > 0 ? 1 : 0;
      }
    }
    int all = (lastQuery - firstQuery) * (lastKey - firstKey);
    int steps = SHADES.length() - 1;
    int step = (int) ((long) seen * steps / all);
    return SHADES.charAt(seen == 0 ? 0 : Math.max(1, step));
  }

  /** An image with a square for each connection, of another colour where a key counts again. */
  public BufferedImage image() {
    int square = Math.max(1, IMAGE_PIXELS / tokens);
    int line = square >= 6 ? 1 : 0;
    BufferedImage image =
        new BufferedImage(tokens * square, tokens * square, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < image.getHeight(); y++) {
      for (int x = 0; x < image.getWidth(); x++) {
        boolean onGrid = x % square < line || y % square < line;
        image.setRGB(x, y, onGrid ? GRID : colour(counts[y / square][x / square]));
      }
    }
    return image;
  }

  private static int colour(int count) {
    return count == 0 ? PAPER : INKS[Math.min(count, INKS.length) - 1];
  }

  /** Writes {@link #image} as PNG. */
  public void writePng(Path file) {
    try {
      if (file.toAbsolutePath().getParent() != null) {
        Files.createDirectories(file.toAbsolutePath().getParent());
      }
      ImageIO.write(image(), "png", file.toFile());
    } catch (IOException e) {
      throw new UncheckedIOException("the picture of " + pattern + " cannot be written", e);
    }
  }
}
