package io.longreach.encoders.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/**
 * Builds {@code tokenizer.json} for checkpoints that were published with a vocabulary only, as the
 * published converters do.
 */
final class TokenizerBuilder {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private final ObjectNode vocabulary;
  private final String file;
  private final JsonNode settings;

  private TokenizerBuilder(ObjectNode vocabulary, String file, JsonNode settings) {
    this.vocabulary = vocabulary;
    this.file = file;
    this.settings = settings;
  }

  /**
   * BERT's WordPiece.
   *
   * @param vocabTxt one token a line, its number is its id
   * @param settings content of {@code tokenizer_config.json}, or an empty object
   */
  static String wordPiece(String vocabTxt, JsonNode settings) {
    ObjectNode vocabulary = JSON.objectNode();
    int id = 0;
    for (String line : vocabTxt.split("\n", -1)) {
      String token = line.endsWith("\r") ? line.substring(0, line.length() - 1) : line;
      if (!token.isEmpty()) {
        vocabulary.put(token, id);
      }
      id++;
    }
    return new TokenizerBuilder(vocabulary, "vocab.txt", settings).wordPiece().toString();
  }

  /** RoBERTa's byte-level BPE. */
  static String byteLevel(JsonNode vocabJson, String mergesTxt, JsonNode settings) {
    ObjectNode vocabulary = JSON.objectNode();
    for (var entry : vocabJson.properties()) {
      if (!entry.getValue().isInt() || entry.getValue().intValue() < 0) {
        throw new CheckpointException(
            "vocab.json: token "
                + entry.getKey()
                + " must have a whole number as its id, had "
                + CheckpointJson.found(entry.getValue())
                + ": download it again");
      }
      vocabulary.set(entry.getKey(), entry.getValue());
    }
    return new TokenizerBuilder(vocabulary, "vocab.json", settings).byteLevel(mergesTxt).toString();
  }

  private ObjectNode wordPiece() {
    String unknown = token("unk_token", "[UNK]");
    String first = token("cls_token", "[CLS]");
    String last = token("sep_token", "[SEP]");
    ObjectNode root = root();
    ArrayNode added = root.putArray("added_tokens");
    for (String token :
        List.of(token("pad_token", "[PAD]"), unknown, first, last, token("mask_token", "[MASK]"))) {
      add(added, token, false);
    }
    ObjectNode normalizer = root.putObject("normalizer").put("type", "BertNormalizer");
    normalizer.put("clean_text", true);
    normalizer.put("handle_chinese_chars", flag("tokenize_chinese_chars", true));
    normalizer.set(
        "strip_accents",
        settings.path("strip_accents").isBoolean()
            ? settings.get("strip_accents")
            : JSON.nullNode());
    normalizer.put("lowercase", flag("do_lower_case", true));
    root.putObject("pre_tokenizer").put("type", "BertPreTokenizer");
    ObjectNode template = root.putObject("post_processor").put("type", "TemplateProcessing");
    ArrayNode single = template.putArray("single");
    piece(single, "SpecialToken", first, 0);
    piece(single, "Sequence", "A", 0);
    piece(single, "SpecialToken", last, 0);
    ArrayNode pair = template.putArray("pair");
    pair.addAll(single);
    piece(pair, "Sequence", "B", 1);
    piece(pair, "SpecialToken", last, 1);
    ObjectNode special = template.putObject("special_tokens");
    special(special, first);
    special(special, last);
    root.putObject("decoder").put("type", "WordPiece").put("prefix", "##").put("cleanup", true);
    root.putObject("model")
        .put("type", "WordPiece")
        .put("unk_token", unknown)
        .put("continuing_subword_prefix", "##")
        .put("max_input_chars_per_word", 100)
        .set("vocab", vocabulary);
    return root;
  }

  private ObjectNode byteLevel(String mergesTxt) {
    boolean prefixSpace = flag("add_prefix_space", false);
    String first = token("cls_token", "<s>");
    String last = token("sep_token", "</s>");
    ObjectNode root = root();
    ArrayNode added = root.putArray("added_tokens");
    for (String token :
        List.of(first, token("pad_token", "<pad>"), last, token("unk_token", "<unk>"))) {
      add(added, token, false);
    }
    add(added, token("mask_token", "<mask>"), true);
    root.set("normalizer", JSON.nullNode());
    root.putObject("pre_tokenizer")
        .put("type", "ByteLevel")
        .put("add_prefix_space", prefixSpace)
        .put("trim_offsets", true)
        .put("use_regex", true);
    ObjectNode processor = root.putObject("post_processor").put("type", "RobertaProcessing");
    processor.putArray("sep").add(last).add(id(last));
    processor.putArray("cls").add(first).add(id(first));
    processor.put("trim_offsets", true).put("add_prefix_space", prefixSpace);
    root.putObject("decoder")
        .put("type", "ByteLevel")
        .put("add_prefix_space", true)
        .put("trim_offsets", true)
        .put("use_regex", true);
    ObjectNode model = root.putObject("model").put("type", "BPE").put("fuse_unk", false);
    model.set("dropout", JSON.nullNode());
    model.set("unk_token", JSON.nullNode());
    model.put("continuing_subword_prefix", "").put("end_of_word_suffix", "");
    model.set("vocab", vocabulary);
    ArrayNode merges = model.putArray("merges");
    for (String line : mergesTxt.split("\r?\n", -1)) {
      if (!line.isBlank() && !line.startsWith("#version")) {
        merges.add(line);
      }
    }
    return root;
  }

  private ObjectNode root() {
    ObjectNode root = JSON.objectNode().put("version", "1.0");
    root.set("truncation", JSON.nullNode());
    root.set("padding", JSON.nullNode());
    return root;
  }

  private void add(ArrayNode added, String token, boolean leftStripped) {
    if (vocabulary.has(token)) {
      added
          .addObject()
          .put("id", id(token))
          .put("content", token)
          .put("single_word", false)
          .put("lstrip", leftStripped)
          .put("rstrip", false)
          .put("normalized", false)
          .put("special", true);
    }
  }

  private static void piece(ArrayNode template, String kind, String id, int type) {
    template.addObject().putObject(kind).put("id", id).put("type_id", type);
  }

  private void special(ObjectNode special, String token) {
    ObjectNode entry = special.putObject(token).put("id", token);
    entry.putArray("ids").add(id(token));
    entry.putArray("tokens").add(token);
  }

  private int id(String token) {
    if (!vocabulary.has(token)) {
      throw new CheckpointException(
          file + " must have the token " + token + ": take the file that the checkpoint came with");
    }
    return vocabulary.get(token).intValue();
  }

  /** A token is a text, or an object with its content. */
  private String token(String name, String otherwise) {
    JsonNode node = settings.path(name);
    return node.isObject() ? node.path("content").asText(otherwise) : node.asText(otherwise);
  }

  private boolean flag(String name, boolean otherwise) {
    return settings.path(name).asBoolean(otherwise);
  }
}
