package io.longreach.encoders.text;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Set;

/**
 * Where a text may be cut so that the tokens of the pieces are the tokens of the whole.
 *
 * <p><b>Semantics.</b> The cut is before a single space between two letters or digits: every
 * normalizer known here works on characters and their combining marks, every pre-tokenizer known
 * here starts a word there, with the space as part of the word or not, and no added token spells a
 * space between other characters. A tokenizer with a part not known here is never cut.
 */
final class SafeBoundaries {
  private static final Set<String> NORMALIZERS =
      Set.of(
          "BertNormalizer",
          "NFC",
          "NFD",
          "NFKC",
          "NFKD",
          "Lowercase",
          "StripAccents",
          "Precompiled",
          "Nmt");
  private static final Set<String> PRE_TOKENIZERS =
      Set.of("BertPreTokenizer", "ByteLevel", "Metaspace", "Whitespace", "WhitespaceSplit");

  private final boolean splittable;

  private SafeBoundaries(boolean splittable) {
    this.splittable = splittable;
  }

  /**
   * @throws IllegalArgumentException if the text is no JSON object
   */
  static SafeBoundaries of(String tokenizerJson) {
    JsonNode root;
    try {
      root = new ObjectMapper().readTree(tokenizerJson);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "tokenizer.json is not JSON: " + JsonProblem.of(e) + ": download it again", e);
    }
    if (root == null || !root.isObject()) {
      throw new IllegalArgumentException(
          "tokenizer.json must hold a JSON object: download it again");
    }
    return new SafeBoundaries(
        normalizersKnown(root.path("normalizer"))
            && preTokenizersKnown(root.path("pre_tokenizer"))
            && addedTokensKnown(root.path("added_tokens")));
  }

  boolean splittable() {
    return splittable;
  }

  /** End of the piece that starts at {@code first}: a safe cut, or the end of the text. */
  int next(String text, int first, int pieceChars) {
    if (!splittable || text.length() - first <= pieceChars) {
      return text.length();
    }
    for (int cut = first + pieceChars; cut < text.length() - 1; cut++) {
      if (text.charAt(cut) == ' '
          && Character.isLetterOrDigit(text.charAt(cut - 1))
          && Character.isLetterOrDigit(text.charAt(cut + 1))) {
        return cut;
      }
    }
    return text.length();
  }

  private static boolean normalizersKnown(JsonNode node) {
    if (node.isMissingNode() || node.isNull()) {
      return true;
    }
    if (type(node).equals("Sequence")) {
      return allKnown(node.path("normalizers"), SafeBoundaries::normalizersKnown);
    }
    return NORMALIZERS.contains(type(node)) || collapsesSpaces(node);
  }

  /** SentencePiece's {@code " {2,}" → " "}: a run of spaces is never cut. */
  private static boolean collapsesSpaces(JsonNode node) {
    return type(node).equals("Replace")
        && node.path("pattern").path("Regex").asText().equals(" {2,}");
  }

  private static boolean preTokenizersKnown(JsonNode node) {
    if (type(node).equals("Sequence")) {
      JsonNode parts = node.path("pretokenizers");
      return !parts.isEmpty() && allKnown(parts, SafeBoundaries::preTokenizersKnown);
    }
    if (type(node).equals("ByteLevel")) {
      return node.path("use_regex").asBoolean(true);
    }
    if (type(node).equals("Metaspace")) {
      return node.path("split").asBoolean(true);
    }
    return PRE_TOKENIZERS.contains(type(node));
  }

  private static boolean addedTokensKnown(JsonNode tokens) {
    for (JsonNode token : tokens) {
      String content = token.path("content").asText();
      if (content.indexOf(' ') >= 0 && !content.isBlank()) {
        return false;
      }
    }
    return true;
  }

  private static boolean allKnown(JsonNode parts, java.util.function.Predicate<JsonNode> known) {
    for (JsonNode part : parts) {
      if (!known.test(part)) {
        return false;
      }
    }
    return true;
  }

  private static String type(JsonNode node) {
    return node.path("type").asText();
  }
}
