package io.longreach.encoders.hub;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A model's name on the hub.
 *
 * @param id {@code org/name}
 * @param revision a branch, a tag or a commit; {@code main} if not given
 */
public record HubModel(String id, String revision) {
  private static final String PART = "[A-Za-z0-9][A-Za-z0-9._-]{0,95}";
  private static final Pattern TEXT =
      Pattern.compile(
          "("
              + PART
              + "/"
              + PART
              + ")(?:@([A-Za-z0-9][A-Za-z0-9._-]*(?:/[A-Za-z0-9_-][A-Za-z0-9._-]*)*))?");

  /** Reads {@code org/name[@revision]}; empty if the text is no such name. */
  public static Optional<HubModel> parse(String text) {
    Matcher matcher = TEXT.matcher(text);
    if (!matcher.matches() || text.contains("..") || text.length() > 300) {
      return Optional.empty();
    }
    return Optional.of(
        new HubModel(matcher.group(1), Optional.ofNullable(matcher.group(2)).orElse("main")));
  }

  /** Its folder in the cache. */
  String folder() {
    return "models--" + id.replace("/", "--");
  }

  /** The revision as one part of an address. */
  String encodedRevision() {
    return URLEncoder.encode(revision, StandardCharsets.UTF_8);
  }

  @Override
  public String toString() {
    return revision.equals("main") ? id : id + "@" + revision;
  }
}
