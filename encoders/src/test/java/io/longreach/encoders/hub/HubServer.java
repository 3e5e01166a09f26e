package io.longreach.encoders.hub;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A hub of one model, and the host that it keeps its large files on. */
final class HubServer implements AutoCloseable {
  static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";
  private static final int LARGE = 1000;

  private final HttpServer hub;
  private final HttpServer storage;
  private final Map<String, byte[]> files = new TreeMap<>();
  final List<String> requests = Collections.synchronizedList(new ArrayList<>());

  /** What storage sends before it breaks off, once; -1 for never. */
  volatile int breakAfterBytes = -1;

  /** Whether it then keeps the connection open and silent. */
  volatile boolean stall;

  volatile boolean ranges = true;
  volatile boolean damage;
  volatile String requiredToken;

  HubServer() throws IOException {
    InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    hub = HttpServer.create(any, 0);
    storage = HttpServer.create(any, 0);
    hub.createContext("/api/models/org/name/revision/", this::api);
    hub.createContext("/org/name/resolve/" + COMMIT + "/", this::resolve);
    storage.createContext("/", this::stored);
    hub.start();
    storage.start();
  }

  void put(String name, byte[] content) {
    files.put(name, content);
  }

  String endpoint() {
    return "http://localhost:" + hub.getAddress().getPort();
  }

  long count(String part) {
    return requests.stream().filter(request -> request.contains(part)).count();
  }

  private void note(String host, HttpExchange exchange) {
    requests.add(
        String.format(
            "%s %s %s range=%s token=%s",
            host,
            exchange.getRequestMethod(),
            exchange.getRequestURI(),
            exchange.getRequestHeaders().getFirst("Range"),
            exchange.getRequestHeaders().getFirst("Authorization")));
  }

  private boolean refused(HttpExchange exchange) throws IOException {
    String token = exchange.getRequestHeaders().getFirst("Authorization");
    if (requiredToken == null || ("Bearer " + requiredToken).equals(token)) {
      return false;
    }
    exchange.sendResponseHeaders(401, -1);
    exchange.close();
    return true;
  }

  private void api(HttpExchange exchange) throws IOException {
    note("hub", exchange);
    if (refused(exchange)) {
      return;
    }
    if (exchange.getRequestURI().getPath().endsWith("/nowhere")) {
      exchange.sendResponseHeaders(404, -1);
      exchange.close();
      return;
    }
    StringBuilder siblings = new StringBuilder();
    files.keySet().forEach(name -> siblings.append(",{\"rfilename\":\"" + name + "\"}"));
    String json =
        "{\"sha\":\""
            + COMMIT
            + "\",\"siblings\":["
            + siblings.substring(siblings.isEmpty() ? 0 : 1)
            + "]}";
    send(exchange, 200, json.getBytes(StandardCharsets.UTF_8), 0);
  }

  private void resolve(HttpExchange exchange) throws IOException {
    note("hub", exchange);
    if (refused(exchange)) {
      return;
    }
    String path = exchange.getRequestURI().getPath();
    String name = path.substring(path.indexOf(COMMIT) + COMMIT.length() + 1);
    byte[] content = files.get(name);
    if (content == null) {
      exchange.sendResponseHeaders(404, -1);
    } else if (content.length >= LARGE) {
      exchange.getResponseHeaders().set("X-Linked-Etag", '"' + sha("SHA-256", "", content) + '"');
      exchange.getResponseHeaders().set("X-Linked-Size", String.valueOf(content.length));
      exchange
          .getResponseHeaders()
          .set("Location", "http://localhost:" + storage.getAddress().getPort() + "/" + name);
      exchange.sendResponseHeaders(302, -1);
    } else {
      String etag = sha("SHA-1", "blob " + content.length + "\0", content);
      exchange.getResponseHeaders().set("ETag", "W/\"" + etag + '"');
      if (exchange.getRequestMethod().equals("HEAD")) {
        exchange.getResponseHeaders().set("Content-Length", String.valueOf(content.length));
        exchange.sendResponseHeaders(200, -1);
      } else {
        send(exchange, 200, content, 0);
        return;
      }
    }
    exchange.close();
  }

  private void stored(HttpExchange exchange) throws IOException {
    note("storage", exchange);
    byte[] content = files.get(exchange.getRequestURI().getPath().substring(1)).clone();
    if (damage) {
      content[content.length / 2] ^= 1;
    }
    String range = exchange.getRequestHeaders().getFirst("Range");
    int first = 0;
    int status = 200;
    if (range != null && ranges) {
      first = Integer.parseInt(range.replaceAll("bytes=(\\d+)-", "$1"));
      exchange
          .getResponseHeaders()
          .set(
              "Content-Range",
              "bytes " + first + "-" + (content.length - 1) + "/" + content.length);
      status = 206;
    }
    send(exchange, status, content, first);
  }

  private void send(HttpExchange exchange, int status, byte[] content, int first)
      throws IOException {
    exchange.sendResponseHeaders(status, content.length - first);
    int stop = breakAfterBytes;
    if (stop >= 0 && content.length > LARGE) {
      breakAfterBytes = -1;
      exchange.getResponseBody().write(Arrays.copyOfRange(content, first, first + stop));
      exchange.getResponseBody().flush();
      if (stall) {
        return;
      }
      // Fewer bytes than announced: the connection is closed.
      exchange.close();
      return;
    }
    exchange.getResponseBody().write(content, first, content.length - first);
    exchange.close();
  }

  static String sha(String algorithm, String before, byte[] content) {
    try {
      MessageDigest digest = MessageDigest.getInstance(algorithm);
      digest.update(before.getBytes(StandardCharsets.US_ASCII));
      return HexFormat.of().formatHex(digest.digest(content));
    } catch (NoSuchAlgorithmException e) {
      throw new UncheckedIOException(new IOException(e));
    }
  }

  @Override
  public void close() {
    hub.stop(0);
    storage.stop(0);
  }
}
