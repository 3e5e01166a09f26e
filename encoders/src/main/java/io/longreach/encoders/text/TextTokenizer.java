package io.longreach.encoders.text;

import ai.djl.huggingface.tokenizers.jni.CharSpan;
import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import java.util.Arrays;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Consumer;

/**
 * The tokenizer that a checkpoint publishes as {@code tokenizer.json}. Never truncates and never
 * pads, whatever the file asks for.
 *
 * <p><b>Semantics.</b> The ids are those of the Hugging Face tokenizers library on the whole text.
 * Long texts are cut where no token can reach across (see {@link SafeBoundaries}), so that time and
 * memory stay linear. A surrogate without its partner reads as U+FFFD. Thread-safe.
 *
 * <p><b>Cost.</b> About 0.4 million tokens a second on one core; 4 bytes per token and one piece of
 * the text.
 */
public final class TextTokenizer implements AutoCloseable {
  /** Small enough to stay in cache, large enough to hide the cost of a native call (measured). */
  static final int PIECE_CHARS = 1 << 14;

  /**
   * Stands before every piece but the first: tokenizers treat the first word of a text specially
   * (added spaces, untrimmed spans).
   */
  static final String LEAD = "a";

  private final SafeBoundaries boundaries;
  private final Template template;
  private final ReadWriteLock lock = new ReentrantReadWriteLock();
  private final int pieceChars;
  private long handle;

  private TextTokenizer(long handle, SafeBoundaries boundaries, int pieceChars) {
    this.handle = handle;
    this.boundaries = boundaries;
    this.pieceChars = pieceChars;
    this.template = Template.probe(handle);
  }

  /**
   * Reads a tokenizer.
   *
   * @param tokenizerJson the content of {@code tokenizer.json}
   * @throws IllegalArgumentException if the library cannot read it
   */
  public static TextTokenizer read(String tokenizerJson) {
    return read(tokenizerJson, PIECE_CHARS);
  }

  static TextTokenizer read(String tokenizerJson, int pieceChars) {
    SafeBoundaries boundaries = SafeBoundaries.of(tokenizerJson);
    NativeLibrary.load();
    long handle;
    try {
      handle = TokenizersLibrary.LIB.createTokenizerFromString(tokenizerJson);
    } catch (RuntimeException e) {
      throw new IllegalArgumentException(
          "tokenizer.json could not be read: "
              + e.getMessage()
              + ": take the file that the checkpoint was published with",
          e);
    }
    TokenizersLibrary.LIB.disableTruncation(handle);
    TokenizersLibrary.LIB.disablePadding(handle);
    return new TextTokenizer(handle, boundaries, pieceChars);
  }

  /**
   * Token ids with special tokens.
   *
   * @throws ArithmeticException if there are more than 2³¹ - 1 tokens
   */
  public int[] ids(String text) {
    return ids(text, () -> {});
  }

  /**
   * The same, for long texts.
   *
   * @param betweenPieces runs between pieces of the text; what it throws ends the call
   */
  public int[] ids(String text, Runnable betweenPieces) {
    IntList ids = new IntList(text.length() / 4 + 16);
    ids.addAll(template.prefixIds());
    forEachPiece(text, betweenPieces, piece -> ids.addAll(piece.ids(), piece.firstToken()));
    ids.addAll(template.suffixIds());
    return ids.toArray();
  }

  /** Token ids with everything that the tokenizer knows about them. */
  public TokenizedText encode(String text) {
    return encode(text, () -> {});
  }

  /** The same, for long texts: {@code betweenPieces} as for {@link #ids(String, Runnable)}. */
  public TokenizedText encode(String text, Runnable betweenPieces) {
    IntList ids = new IntList(text.length() / 4 + 16);
    IntList starts = new IntList(text.length() / 4 + 16);
    IntList ends = new IntList(text.length() / 4 + 16);
    ids.addAll(template.prefixIds());
    starts.addAll(new int[template.prefixIds().length]);
    ends.addAll(new int[template.prefixIds().length]);
    forEachPiece(
        text,
        betweenPieces,
        piece -> {
          ids.addAll(piece.ids(), piece.firstToken());
          CodePointOffsets offsets = CodePointOffsets.of(piece.text());
          CharSpan[] spans = TokenizersLibrary.LIB.getTokenCharSpans(piece.encoding());
          for (int token = piece.firstToken(); token < spans.length; token++) {
            starts.add(piece.firstChar() + offsets.charOf(spans[token].getStart()));
            ends.add(piece.firstChar() + offsets.charOf(spans[token].getEnd()));
          }
        });
    int lastOfText = ids.size();
    ids.addAll(template.suffixIds());
    int[] atEnd = new int[template.suffixIds().length];
    Arrays.fill(atEnd, text.length());
    starts.addAll(atEnd);
    ends.addAll(atEnd);
    int firstOfText = template.prefixIds().length;
    boolean[] special = new boolean[ids.size()];
    Arrays.fill(special, 0, firstOfText, true);
    Arrays.fill(special, lastOfText, special.length, true);
    return new TokenizedText(
        ids.toArray(),
        template.typeIds(lastOfText - firstOfText),
        special,
        starts.toArray(),
        ends.toArray());
  }

  /**
   * The first {@code maxTokens} of the ids, the special tokens behind the text kept.
   *
   * @param ids what {@link #ids} gave
   * @throws IllegalArgumentException if there is no room for the special tokens and one of the text
   */
  public int[] truncate(int[] ids, int maxTokens) {
    if (maxTokens <= specialTokens()) {
      throw new IllegalArgumentException(
          "maxTokens must be at least "
              + (specialTokens() + 1)
              + ", was "
              + maxTokens
              + ": leave room for the special tokens, or use 0 for no limit");
    }
    if (ids.length <= maxTokens) {
      return ids;
    }
    int[] kept = Arrays.copyOf(ids, maxTokens);
    int suffix = template.suffixIds().length;
    System.arraycopy(template.suffixIds(), 0, kept, maxTokens - suffix, suffix);
    return kept;
  }

  /** Number of special tokens that surround every text. */
  public int specialTokens() {
    return template.prefixIds().length + template.suffixIds().length;
  }

  /** Frees the native tokenizer; waits for calls under way. */
  @Override
  public void close() {
    lock.writeLock().lock();
    try {
      if (handle != 0) {
        TokenizersLibrary.LIB.deleteTokenizer(handle);
        handle = 0;
      }
    } finally {
      lock.writeLock().unlock();
    }
  }

  /**
   * An encoded piece of a text.
   *
   * @param text the piece, after {@link #LEAD} unless it is the first
   * @param firstChar where {@code text} would start in the whole text
   * @param firstToken first token of the piece itself
   */
  private record Piece(String text, int firstChar, int firstToken, long encoding) {
    int[] ids() {
      return tokenIds(encoding);
    }
  }

  private void forEachPiece(String text, Runnable betweenPieces, Consumer<Piece> consumer) {
    for (int first = 0, last; first < text.length(); first = last) {
      betweenPieces.run();
      last = boundaries.next(text, first, pieceChars);
      String piece = WellFormed.utf16(text.substring(first, last));
      if (first == 0) {
        encode(piece, 0, 0, consumer);
      } else {
        encode(LEAD + piece, first - LEAD.length(), template.leadTokens(), consumer);
      }
    }
  }

  private void encode(String piece, int firstChar, int firstToken, Consumer<Piece> consumer) {
    lock.readLock().lock();
    try {
      if (handle == 0) {
        throw new IllegalStateException("the tokenizer is closed: open another");
      }
      long encoding = TokenizersLibrary.LIB.encode(handle, piece, false);
      try {
        consumer.accept(new Piece(piece, firstChar, firstToken, encoding));
      } finally {
        TokenizersLibrary.LIB.deleteEncoding(encoding);
      }
    } finally {
      lock.readLock().unlock();
    }
  }

  static int[] tokenIds(long encoding) {
    return Arrays.stream(TokenizersLibrary.LIB.getTokenIds(encoding))
        .mapToInt(Math::toIntExact)
        .toArray();
  }
}
