package io.longreach.encoders.hub;

import io.longreach.encoders.checkpoint.CheckpointException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Map;

/**
 * Requests to the hub. Redirects are followed here and not by the client, because a file's checksum
 * stands in the first answer, and because the token must not follow to another host.
 */
final class HubClient {
  private static final int MAX_REDIRECTS = 6;
  private static final int LIMIT_JSON_BYTES = 1 << 26;

  private final HubSettings settings;
  private final HttpClient client;

  HubClient(HubSettings settings) {
    this.settings = settings;
    this.client =
        HttpClient.newBuilder()
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(settings.patience())
            .build();
  }

  URI address(String path) {
    return URI.create(settings.endpoint() + path);
  }

  /** The text that an address answers with. */
  String text(URI address) throws IOException {
    HttpResponse<InputStream> response = followed("GET", address, Map.of());
    try (InputStream in = response.body()) {
      requireSuccess(response.statusCode(), address);
      byte[] bytes = in.readNBytes(LIMIT_JSON_BYTES);
      return new String(bytes, java.nio.charset.StandardCharsets.UTF_8);
    }
  }

  /** The first answer about a file, which names its checksum, or the first one on the same host. */
  HttpResponse<InputStream> head(URI address) throws IOException {
    URI at = address;
    for (int hop = 0; hop < MAX_REDIRECTS; hop++) {
      HttpResponse<InputStream> response = send("HEAD", at, Map.of());
      response.body().close();
      if (!isRedirect(response) || response.headers().firstValue("x-linked-etag").isPresent()) {
        requireSuccess(isRedirect(response) ? 200 : response.statusCode(), address);
        return response;
      }
      at = target(at, response);
    }
    throw tooManyRedirects(address);
  }

  /** A file's bytes from an offset; the status says whether the server went along with it. */
  HttpResponse<InputStream> body(URI address, long firstByte) throws IOException {
    return followed(
        "GET", address, firstByte == 0 ? Map.of() : Map.of("Range", "bytes=" + firstByte + "-"));
  }

  private HttpResponse<InputStream> followed(
      String method, URI address, Map<String, String> headers) throws IOException {
    URI at = address;
    for (int hop = 0; hop < MAX_REDIRECTS; hop++) {
      HttpResponse<InputStream> response = send(method, at, headers);
      if (!isRedirect(response)) {
        return response;
      }
      response.body().close();
      at = target(at, response);
    }
    throw tooManyRedirects(address);
  }

  private HttpResponse<InputStream> send(String method, URI at, Map<String, String> headers)
      throws IOException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(at)
            .method(method, HttpRequest.BodyPublishers.noBody())
            .timeout(settings.patience())
            .header("User-Agent", "longreach")
            // Compressed answers would have other lengths and checksums.
            .header("Accept-Encoding", "identity");
    headers.forEach(request::header);
    if (settings.token().isPresent() && isEndpoint(at)) {
      request.header("Authorization", "Bearer " + settings.token().get());
    }
    try {
      return client.send(request.build(), BodyHandlers.ofInputStream());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while waiting for " + at.getHost());
    }
  }

  private boolean isEndpoint(URI at) {
    URI endpoint = settings.endpoint();
    return at.getHost().equalsIgnoreCase(endpoint.getHost())
        && at.getPort() == endpoint.getPort()
        && at.getScheme().equalsIgnoreCase(endpoint.getScheme());
  }

  private static boolean isRedirect(HttpResponse<?> response) {
    int status = response.statusCode();
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
  }

  private static URI target(URI from, HttpResponse<?> response) {
    String location = response.headers().firstValue("location").orElse("");
    URI to;
    try {
      to = from.resolve(location);
    } catch (IllegalArgumentException e) {
      throw new CheckpointException(
          from.getHost() + " redirects to no address, '" + location + "': try again later", e);
    }
    boolean http = "http".equalsIgnoreCase(to.getScheme());
    boolean https = "https".equalsIgnoreCase(to.getScheme());
    if (to.getHost() == null || !(https || (http && "http".equalsIgnoreCase(from.getScheme())))) {
      throw new CheckpointException(
          from.getHost()
              + " must redirect to https, redirects to '"
              + location
              + "': check HF_ENDPOINT");
    }
    return to;
  }

  private static CheckpointException tooManyRedirects(URI address) {
    return new CheckpointException(
        address + " redirects more than " + MAX_REDIRECTS + " times: check HF_ENDPOINT");
  }

  /**
   * @throws CheckpointException with the remedy, for what trying again will not mend
   * @throws IOException for what it may
   */
  static void requireSuccess(int status, URI address) throws IOException {
    if (status == 401 || status == 403) {
      throw new CheckpointException(
          address
              + " answers "
              + status
              + ": set HF_TOKEN to a token that may read the model, and accept its terms if it has"
              + " any");
    }
    if (status == 404) {
      throw new CheckpointException(
          address + " answers 404: check the model's name and revision, and HF_ENDPOINT");
    }
    if (status >= 400 && status < 500 && status != 408 && status != 429) {
      throw new CheckpointException(
          address + " answers " + status + ": check the model's name and HF_ENDPOINT");
    }
    if (status != 200 && status != 206) {
      throw new IOException(address + " answers " + status);
    }
  }
}
