package io.longreach.encoders.hub;

import io.longreach.encoders.checkpoint.CheckpointException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Where the hub and its cache are, by the environment variables that its own tools honour.
 *
 * @param cache folder of the {@code models--org--name} folders: {@code HF_HUB_CACHE}, or {@code
 *     HF_HOME/hub}, or {@code ~/.cache/huggingface/hub}
 * @param endpoint {@code HF_ENDPOINT}, {@code https://huggingface.co} if not set
 * @param token {@code HF_TOKEN}, sent to the endpoint only
 * @param offline {@code HF_HUB_OFFLINE}: never connect, use what the cache holds
 * @param patience {@code HF_HUB_DOWNLOAD_TIMEOUT} in seconds, 30 if not set: how long the hub may
 *     stay silent before the connection is given up
 */
public record HubSettings(
    Path cache, URI endpoint, Optional<String> token, boolean offline, Duration patience) {
  private static final Set<String> TRUE = Set.of("1", "on", "yes", "true");

  /** The settings of an environment. */
  public static HubSettings of(Map<String, String> environment) {
    String home =
        set(environment, "HF_HOME")
            .orElseGet(
                () ->
                    set(environment, "XDG_CACHE_HOME")
                            .orElse(System.getProperty("user.home") + "/.cache")
                        + "/huggingface");
    String endpoint = set(environment, "HF_ENDPOINT").orElse("https://huggingface.co");
    if (!endpoint.matches("https?://[^/?#\\s]+(/[^?#\\s]*)?")) {
      throw new CheckpointException(
          "HF_ENDPOINT must be an http(s) address, was '" + endpoint + "': unset it or mend it");
    }
    return new HubSettings(
        Path.of(set(environment, "HF_HUB_CACHE").orElse(home + "/hub")),
        URI.create(endpoint.replaceAll("/+$", "")),
        set(environment, "HF_TOKEN"),
        TRUE.contains(environment.getOrDefault("HF_HUB_OFFLINE", "").toLowerCase(Locale.ROOT)),
        patience(set(environment, "HF_HUB_DOWNLOAD_TIMEOUT").orElse("30")));
  }

  private static Duration patience(String seconds) {
    if (!seconds.matches("[1-9]\\d{0,5}")) {
      throw new CheckpointException(
          "HF_HUB_DOWNLOAD_TIMEOUT must be a number of seconds from 1, was '"
              + seconds
              + "': unset it or mend it");
    }
    return Duration.ofSeconds(Integer.parseInt(seconds));
  }

  private static Optional<String> set(Map<String, String> environment, String name) {
    return Optional.ofNullable(environment.get(name)).map(String::strip).filter(s -> !s.isEmpty());
  }

  /** Without the token. */
  @Override
  public String toString() {
    return endpoint + " in " + cache + (offline ? ", offline" : "");
  }
}
