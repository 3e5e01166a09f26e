package io.longreach.encoders.text;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.util.regex.Pattern;

/** What a parser says of text that is no JSON, for people. */
public final class JsonProblem {
  /** Jackson names the source of a place; whoever shows the problem does it better. */
  private static final Pattern PLACE =
      Pattern.compile("\\[Source: .*?; line: (\\d+), column: (\\d+)]");

  private JsonProblem() {}

  /** For example {@code Unexpected end-of-input: ... (start marker at line 1, column 1)}. */
  public static String of(JsonProcessingException e) {
    return PLACE.matcher(e.getOriginalMessage()).replaceAll("line $1, column $2");
  }
}
