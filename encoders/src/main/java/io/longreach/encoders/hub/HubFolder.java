package io.longreach.encoders.hub;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.longreach.encoders.checkpoint.CheckpointException;
import io.longreach.encoders.checkpoint.CheckpointFolder;
import io.longreach.encoders.checkpoint.LocalFolder;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

/**
 * One commit of a model on the hub. Files are downloaded when they are read and not before, into
 * the layout that the hub's own tools use:
 *
 * <pre>
 * models--org--name/refs/main                      the commit that main was last seen at
 *                   blobs/CHECKSUM                 contents; CHECKSUM.incomplete while under way
 *                   snapshots/COMMIT/config.json   a link to its blob
 * </pre>
 */
public final class HubFolder implements CheckpointFolder {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** What is known of a file before it is downloaded. */
  record FileHead(String etag, long bytes) {}

  private final HubModel model;
  private final HubClient client;
  private final BlobStore blobs;
  private final String commit;
  private final Set<String> files;
  private final Map<String, FileHead> heads = new HashMap<>();
  private final LocalFolder snapshot;

  private HubFolder(
      HubModel model, HubClient client, BlobStore blobs, String commit, Set<String> files) {
    this.model = model;
    this.client = client;
    this.blobs = blobs;
    this.commit = commit;
    this.files = files;
    this.snapshot = new LocalFolder(model.toString(), blobs.snapshot(commit));
  }

  /** Opens a model by the environment's settings. */
  public static CheckpointFolder open(HubModel model) {
    return open(model, HubSettings.of(System.getenv()), HubProgress.onErrorStream());
  }

  /**
   * Opens a model: asks the hub for the commit that the revision stands for, or, offline, the
   * cache.
   *
   * @throws CheckpointException if there is no such model, or, offline, no copy of it
   */
  static CheckpointFolder open(HubModel model, HubSettings settings, HubProgress progress) {
    BlobStore blobs =
        new BlobStore(settings.cache().resolve(model.folder()), settings.patience(), progress);
    if (settings.offline()) {
      return cached(model, settings, blobs, "HF_HUB_OFFLINE is set");
    }
    HubClient client = new HubClient(settings);
    String path = "/api/models/" + model.id() + "/revision/" + model.encodedRevision();
    try {
      JsonNode answer = JSON.readTree(client.text(client.address(path)));
      String commit = answer.path("sha").asText();
      if (!BlobStore.isCommit(commit)) {
        throw new CheckpointException(
            client.address(path)
                + " must name a commit, named '"
                + commit
                + "': check HF_ENDPOINT");
      }
      Set<String> files = new HashSet<>();
      answer.path("siblings").forEach(file -> files.add(file.path("rfilename").asText()));
      blobs.remember(model.revision(), commit);
      return new HubFolder(model, client, blobs, commit, files);
    } catch (JsonProcessingException e) {
      throw new CheckpointException(
          client.address(path) + " must answer with JSON: check HF_ENDPOINT", e);
    } catch (IOException e) {
      return cached(model, settings, blobs, e.toString());
    }
  }

  /** What an earlier run left behind. */
  private static CheckpointFolder cached(
      HubModel model, HubSettings settings, BlobStore blobs, String reason) {
    try {
      String commit = blobs.commit(model.revision());
      if (commit != null && Files.isDirectory(blobs.snapshot(commit))) {
        return new LocalFolder(model.toString(), blobs.snapshot(commit));
      }
    } catch (IOException e) {
      reason = reason + "; " + e;
    }
    throw new CheckpointException(
        "model "
            + model
            + " is not in the cache "
            + settings.cache()
            + " and cannot be downloaded ("
            + reason
            + "): connect once, or copy the folder and name its path");
  }

  @Override
  public String name() {
    return model.toString();
  }

  @Override
  public synchronized OptionalLong bytes(String file) throws IOException {
    OptionalLong here = snapshot.bytes(file);
    if (here.isPresent()) {
      return here;
    }
    return files.contains(file) ? OptionalLong.of(head(file).bytes()) : OptionalLong.empty();
  }

  @Override
  public synchronized ByteBuffer slice(String file, long offset, int bytes) throws IOException {
    if (snapshot.bytes(file).isEmpty()) {
      blobs.download(commit, file, head(file), from -> client.body(address(file), from));
    }
    return snapshot.slice(file, offset, bytes);
  }

  private URI address(String file) {
    return client.address("/" + model.id() + "/resolve/" + commit + "/" + file);
  }

  private FileHead head(String file) throws IOException {
    FileHead known = heads.get(file);
    if (known == null) {
      HttpResponse<InputStream> answer = client.head(address(file));
      String etag =
          answer
              .headers()
              .firstValue("x-linked-etag")
              .or(() -> answer.headers().firstValue("etag"))
              .orElse("")
              .replaceAll("^W/", "")
              .replace("\"", "");
      String bytes =
          answer
              .headers()
              .firstValue("x-linked-size")
              .or(() -> answer.headers().firstValue("content-length"))
              .orElse("");
      if (!etag.matches("[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}") || !bytes.matches("\\d{1,15}")) {
        throw new CheckpointException(
            address(file)
                + " must name a checksum and a length, named '"
                + etag
                + "' and '"
                + bytes
                + "': check HF_ENDPOINT");
      }
      known = new FileHead(etag, Long.parseLong(bytes));
      heads.put(file, known);
    }
    return known;
  }
}
