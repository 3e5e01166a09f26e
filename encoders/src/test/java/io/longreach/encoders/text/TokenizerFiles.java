package io.longreach.encoders.text;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** Texts and tokenizers for the tests. */
public final class TokenizerFiles {
  private TokenizerFiles() {}

  /** The tokenizer.json of MiniLM, which truncates and pads to 128 unless told not to. */
  public static String miniLm() {
    return resource("/all-minilm-l6-v2-tokenizer.json");
  }

  /** A real address. */
  public static String address(int year) {
    return resource("/text/address-" + year + ".txt");
  }

  /** Byte-level BPE as RoBERTa and ModernBERT use it: bytes, a few merges, spaces inside words. */
  static String byteLevel(boolean prefixSpace) {
    StringBuilder vocabulary = new StringBuilder("\"<s>\":0,\"</s>\":1,\"<mask>\":2");
    int next = 3;
    for (int b = 0; b < 256; b++) {
      vocabulary.append(',').append(quoted(byteChar(b))).append(':').append(next++);
    }
    String[] merges = {"t h", "th e", "Ġ the", "i n", "Ġ a", "e r", "o n", "Ġ w", "a n", "an d"};
    StringBuilder merged = new StringBuilder();
    for (String merge : merges) {
      vocabulary.append(",\"").append(merge.replace(" ", "")).append("\":").append(next++);
      merged.append(merged.length() == 0 ? "\"" : ",\"").append(merge).append('"');
    }
    return """
        {"version":"1.0","truncation":null,"padding":null,
        "added_tokens":[
        {"id":0,"content":"<s>","special":true,"single_word":false,"lstrip":false,"rstrip":false,"normalized":false},
        {"id":1,"content":"</s>","special":true,"single_word":false,"lstrip":false,"rstrip":false,"normalized":false},
        {"id":2,"content":"<mask>","special":true,"single_word":false,"lstrip":true,"rstrip":false,"normalized":false}],
        "normalizer":{"type":"NFC"},
        "pre_tokenizer":{"type":"ByteLevel","add_prefix_space":PREFIX,"trim_offsets":true,"use_regex":true},
        "post_processor":{"type":"RobertaProcessing","sep":["</s>",1],"cls":["<s>",0],"trim_offsets":true,"add_prefix_space":PREFIX},
        "decoder":null,
        "model":{"type":"BPE","dropout":null,"unk_token":null,"continuing_subword_prefix":"","end_of_word_suffix":"","fuse_unk":false,
        "vocab":{VOCABULARY},"merges":[MERGES]}}
        """
        .replace("PREFIX", Boolean.toString(prefixSpace))
        .replace("VOCABULARY", vocabulary)
        .replace("MERGES", merged);
  }

  /** SentencePiece as BigBird and Reformer use it. */
  static String unigram() {
    StringBuilder pieces =
        new StringBuilder("[\"<unk>\",0.0],[\"\u2581\",-2.0],[\"\u2581the\",-3.0]");
    pieces.append(",[\"\u2581of\",-3.5],[\"ing\",-4.0],[\"\u2581a\",-3.0]");
    for (char c = 'a'; c <= 'z'; c++) {
      pieces.append(",[\"").append(c).append("\",-5.0]");
    }
    return """
        {"version":"1.0","truncation":null,"padding":null,"added_tokens":[],
        "normalizer":{"type":"Sequence","normalizers":[{"type":"Lowercase"},
        {"type":"Replace","pattern":{"Regex":" {2,}"},"content":" "}]},
        "pre_tokenizer":{"type":"Metaspace","replacement":"\u2581","prepend_scheme":"always","split":true},
        "post_processor":null,"decoder":null,
        "model":{"type":"Unigram","unk_id":0,"vocab":[PIECES]}}
        """
        .replace("PIECES", pieces);
  }

  private static String byteChar(int b) {
    boolean printable = (b >= 33 && b <= 126) || (b >= 161 && b <= 172) || b >= 174;
    if (printable) {
      return String.valueOf((char) b);
    }
    int rank = 0;
    for (int other = 0; other < b; other++) {
      boolean otherPrintable =
          (other >= 33 && other <= 126) || (other >= 161 && other <= 172) || other >= 174;
      rank += otherPrintable ? 0 : 1;
    }
    return String.valueOf((char) (256 + rank));
  }

  private static String quoted(String text) {
    return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
  }

  private static String resource(String name) {
    try (InputStream in = TokenizerFiles.class.getResourceAsStream(name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
