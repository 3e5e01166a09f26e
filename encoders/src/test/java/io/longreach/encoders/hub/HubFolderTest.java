package io.longreach.encoders.hub;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longreach.encoders.checkpoint.CheckpointException;
import io.longreach.encoders.checkpoint.CheckpointFolder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HubFolderTest {
  private static final String WEIGHTS = "model.safetensors";
  private static final byte[] CONFIG = "{\"model_type\":\"bert\"}".getBytes(StandardCharsets.UTF_8);
  private static final byte[] CONTENT = new byte[300_000];

  static {
    new Random(1).nextBytes(CONTENT);
  }

  @TempDir Path cache;
  private HubServer server;
  private final List<String> progress = new ArrayList<>();

  @BeforeEach
  void start() throws IOException {
    server = new HubServer();
    server.put("config.json", CONFIG);
    server.put(WEIGHTS, CONTENT);
    server.put("1_Pooling/config.json", "{}".getBytes(StandardCharsets.UTF_8));
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void downloadsIntoTheLayoutOfTheHubsOwnTools() throws IOException {
    CheckpointFolder folder = open("main", "secret", false);
    assertEquals("org/name", folder.name());
    assertEquals(CONTENT.length, folder.bytes(WEIGHTS).orElseThrow());
    assertTrue(folder.bytes("tokenizer.json").isEmpty(), "the model has none");
    assertEquals(0, server.count("storage"), "nothing is downloaded before it is read");
    assertArrayEquals(CONTENT, read(folder, WEIGHTS));
    assertArrayEquals(CONFIG, read(folder, "config.json"));
    assertArrayEquals("{}".getBytes(StandardCharsets.UTF_8), read(folder, "1_Pooling/config.json"));

    Path model = cache.resolve("hub/models--org--name");
    assertEquals(HubServer.COMMIT, Files.readString(model.resolve("refs/main")));
    Path link = model.resolve("snapshots/" + HubServer.COMMIT + "/" + WEIGHTS);
    String sha256 = HubServer.sha("SHA-256", "", CONTENT);
    assertEquals(Path.of("../../blobs/" + sha256), Files.readSymbolicLink(link));
    Path nested = model.resolve("snapshots/" + HubServer.COMMIT + "/1_Pooling/config.json");
    assertTrue(
        Files.readSymbolicLink(nested).startsWith("../../../blobs"),
        Files.readSymbolicLink(nested).toString());
    try (Stream<Path> blobs = Files.list(model.resolve("blobs"))) {
      assertEquals(3, blobs.count(), "three blobs and nothing incomplete");
    }
    assertEquals(
        WEIGHTS + " 300000/300000",
        progress.stream().filter(p -> p.startsWith(WEIGHTS)).reduce((a, b) -> b).orElseThrow());
    assertTrue(
        server.count("hub GET") == server.count("token=Bearer secret") - server.count("HEAD"),
        server.requests.toString());
    assertEquals(
        0,
        server.requests.stream()
            .filter(r -> r.startsWith("storage") && r.contains("secret"))
            .count(),
        "the token is for the hub alone");

    server.requests.clear();
    assertArrayEquals(CONTENT, read(open("main", null, false), WEIGHTS));
    assertEquals(1, server.requests.size(), "only the commit is asked for: " + server.requests);
  }

  @Test
  void continuesWhereAConnectionBroke() throws IOException {
    server.breakAfterBytes = 100_000;
    assertArrayEquals(CONTENT, read(open("main", null, false), WEIGHTS));
    String second =
        server.requests.stream()
            .filter(r -> r.startsWith("storage"))
            .skip(1)
            .findFirst()
            .orElseThrow();
    int first = Integer.parseInt(second.replaceAll(".*range=bytes=(\\d+)-.*", "$1"));
    assertTrue(first > 0 && first <= 100_000, second);
  }

  @Test
  void continuesWhereAConnectionWentSilent() throws IOException {
    server.breakAfterBytes = 100_000;
    server.stall = true;
    assertArrayEquals(CONTENT, read(open("main", null, false), WEIGHTS));
    assertEquals(2, server.count("storage GET"));
  }

  @Test
  void startsAgainWhereTheServerCannotContinue() throws IOException {
    server.breakAfterBytes = 100_000;
    server.ranges = false;
    assertArrayEquals(CONTENT, read(open("main", null, false), WEIGHTS));
  }

  @Test
  void continuesWhatAnEarlierRunLeft() throws IOException {
    Path blobs = Files.createDirectories(cache.resolve("hub/models--org--name/blobs"));
    Path incomplete = blobs.resolve(HubServer.sha("SHA-256", "", CONTENT) + ".incomplete");
    Files.write(incomplete, java.util.Arrays.copyOf(CONTENT, 1234));
    assertArrayEquals(CONTENT, read(open("main", null, false), WEIGHTS));
    assertEquals(1, server.count("storage GET /model.safetensors range=bytes=1234-"));
    assertFalse(Files.exists(incomplete), "it has become the blob");
  }

  @Test
  void damageIsFoundAndNotKept() throws IOException {
    server.damage = true;
    CheckpointException wrong =
        assertThrows(CheckpointException.class, () -> read(open("main", null, false), WEIGHTS));
    assertTrue(
        wrong.getMessage().startsWith("model.safetensors must have the checksum"),
        wrong.getMessage());
    server.damage = false;
    assertArrayEquals(CONTENT, read(open("main", null, false), WEIGHTS));
  }

  @Test
  void offline() throws IOException {
    CheckpointException absent =
        assertThrows(CheckpointException.class, () -> open("main", null, true));
    assertTrue(absent.getMessage().contains("HF_HUB_OFFLINE is set"), absent.getMessage());
    read(open("main", null, false), WEIGHTS);
    server.requests.clear();
    assertArrayEquals(CONTENT, read(open("main", null, true), WEIGHTS));
    assertArrayEquals(CONTENT, read(open(HubServer.COMMIT, null, true), WEIGHTS));
    assertEquals(List.of(), server.requests);
    server.close();
    assertArrayEquals(CONTENT, read(open("main", null, false), WEIGHTS), "the hub is down");
    assertThrows(CheckpointException.class, () -> open("other", null, false));
  }

  @Test
  void refusals() {
    server.requiredToken = "right";
    CheckpointException refused =
        assertThrows(CheckpointException.class, () -> open("main", "wrong", false));
    assertTrue(refused.getMessage().contains("answers 401: set HF_TOKEN"), refused.getMessage());
    assertFalse(refused.getMessage().contains("wrong"), "no token in messages");
    server.requiredToken = null;
    CheckpointException nowhere =
        assertThrows(CheckpointException.class, () -> open("nowhere", null, false));
    assertTrue(nowhere.getMessage().contains("404: check the model's name"), nowhere.getMessage());
  }

  @ParameterizedTest
  @CsvSource({
    "org/name, org/name, main",
    "org/name@v1.0, org/name, v1.0",
    "org/na-me_2.1@refs/pr/3, org/na-me_2.1, refs/pr/3"
  })
  void names(String text, String id, String revision) {
    assertEquals(Optional.of(new HubModel(id, revision)), HubModel.parse(text));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "name",
        "/org/name",
        "./name",
        "../name",
        "a/b/c",
        "org/name@",
        "org/name@../x",
        "org/name@a/../b",
        "org/..",
        "org/na me",
        "org\\name"
      })
  void otherTexts(String text) {
    assertEquals(Optional.empty(), HubModel.parse(text));
  }

  @Test
  void theEnvironment() {
    HubSettings settings =
        HubSettings.of(
            Map.of("HF_HOME", "/h", "HF_ENDPOINT", "https://mirror/hf/", "HF_HUB_OFFLINE", "TRUE"));
    assertEquals(Path.of("/h/hub"), settings.cache());
    assertEquals("https://mirror/hf", settings.endpoint().toString());
    assertTrue(settings.offline());
    HubSettings none = HubSettings.of(Map.of("HF_TOKEN", " "));
    assertEquals(Path.of(System.getProperty("user.home"), ".cache/huggingface/hub"), none.cache());
    assertEquals(Optional.empty(), none.token());
    assertThrows(CheckpointException.class, () -> HubSettings.of(Map.of("HF_ENDPOINT", "ftp://x")));
    assertFalse(HubSettings.of(Map.of("HF_TOKEN", "secret")).toString().contains("secret"));
  }

  private CheckpointFolder open(String revision, String token, boolean offline) {
    Map<String, String> environment = new java.util.HashMap<>();
    environment.put("HF_HOME", cache.toString());
    environment.put("HF_ENDPOINT", server.endpoint());
    environment.put("HF_HUB_OFFLINE", offline ? "1" : "0");
    environment.put("HF_HUB_DOWNLOAD_TIMEOUT", "1");
    if (token != null) {
      environment.put("HF_TOKEN", token);
    }
    return HubFolder.open(
        new HubModel("org/name", revision),
        HubSettings.of(environment),
        (file, done, all) -> progress.add(file + " " + done + "/" + all));
  }

  private static byte[] read(CheckpointFolder folder, String file) throws IOException {
    ByteBuffer content = folder.slice(file, 0, (int) folder.bytes(file).orElseThrow());
    byte[] bytes = new byte[content.remaining()];
    content.get(bytes);
    return bytes;
  }
}
