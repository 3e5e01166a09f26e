package io.longreach.kernels.pattern;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

final class PatternParser {
  private static final Pattern WINDOW = Pattern.compile("window\\((\\d+)\\)");

  private PatternParser() {}

  static AttentionPattern parse(String text) {
    Matcher window = WINDOW.matcher(text);
    if (window.matches()) {
      int tokens = Integer.parseInt(window.group(1));
      return new SlidingWindow(tokens, tokens);
    }
    if (text.equals("dense")) {
      return new Dense();
    }
    throw new IllegalArgumentException("unknown pattern '" + text + "'");
  }
}
