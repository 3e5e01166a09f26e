package io.longreach.encoders.hub;

import io.longreach.encoders.checkpoint.CheckpointException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;

/**
 * A model's folder in the cache: contents by checksum, snapshots of links to them.
 *
 * <p><b>Semantics.</b> A blob has its name only once it is whole and its checksum is right. What an
 * interrupted download left is continued. Processes that want the same blob wait for each other.
 */
final class BlobStore {
  private static final int ATTEMPTS = 5;
  private static final int BUFFER_BYTES = 1 << 16;
  private static final long FIRST_PAUSE_MILLIS = 100;
  private static final int SHA256_DIGITS = 64;
  private static final int SHA1_DIGITS = 40;

  /** Locks of files are held for the whole JVM: its threads need one of their own. */
  private static final Object JVM = new Object();

  private final Path folder;
  private final Duration patience;
  private final HubProgress progress;

  BlobStore(Path folder, Duration patience, HubProgress progress) {
    this.folder = folder;
    this.patience = patience;
    this.progress = progress;
  }

  interface Source {
    HttpResponse<InputStream> from(long firstByte) throws IOException;
  }

  static boolean isCommit(String text) {
    return text.matches("[0-9a-f]{40}");
  }

  Path snapshot(String commit) {
    return folder.resolve("snapshots").resolve(commit);
  }

  /** The commit that a revision was last seen at, null if never. */
  String commit(String revision) throws IOException {
    if (isCommit(revision)) {
      return revision;
    }
    Path ref = folder.resolve("refs").resolve(revision);
    if (!Files.isRegularFile(ref)) {
      return null;
    }
    String commit = Files.readString(ref).strip();
    return isCommit(commit) ? commit : null;
  }

  void remember(String revision, String commit) throws IOException {
    if (!isCommit(revision) && !commit.equals(commit(revision))) {
      Path ref = folder.resolve("refs").resolve(revision);
      Files.createDirectories(ref.getParent());
      Path written = Files.createTempFile(ref.getParent(), ".ref", "");
      Files.writeString(written, commit);
      move(written, ref);
    }
  }

  /** Makes a file part of a snapshot, downloading its blob if need be. */
  void download(String commit, String file, HubFolder.FileHead head, Source source)
      throws IOException {
    Path blob = folder.resolve("blobs").resolve(head.etag());
    Files.createDirectories(blob.getParent());
    synchronized (JVM) {
      Path lockFile = locks().resolve(head.etag() + ".lock");
      try (FileChannel channel =
              FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
          FileLock lock = channel.lock()) {
        if (!Files.exists(blob)) {
          Path incomplete = blob.resolveSibling(head.etag() + ".incomplete");
          fetch(file, head, incomplete, source);
          check(file, head, incomplete);
          move(incomplete, blob);
        }
        link(snapshot(commit).resolve(file), blob);
      }
    }
  }

  /** Beside the models, as the hub's own tools keep them. */
  private Path locks() throws IOException {
    Path locks = folder.resolveSibling(".locks").resolve(folder.getFileName());
    return Files.createDirectories(locks);
  }

  /** Continues until the file has its length, trying again when the connection breaks. */
  private void fetch(String file, HubFolder.FileHead head, Path incomplete, Source source)
      throws IOException {
    for (int attempt = 1; ; attempt++) {
      try {
        receive(file, head, incomplete, source);
        return;
      } catch (IOException e) {
        if (attempt == ATTEMPTS || e instanceof InterruptedIOException) {
          throw new CheckpointException(
              file + " could not be downloaded: " + e + ": start again to continue where it broke",
              e);
        }
        pause(FIRST_PAUSE_MILLIS << attempt);
      }
    }
  }

  private void receive(String file, HubFolder.FileHead head, Path incomplete, Source source)
      throws IOException {
    try (FileChannel out =
        FileChannel.open(incomplete, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      if (out.size() > head.bytes()) {
        out.truncate(0);
      }
      if (out.size() == head.bytes()) {
        return;
      }
      HttpResponse<InputStream> response = source.from(out.size());
      try (InputStream in = new StallGuard(response.body(), patience)) {
        boolean continues = response.statusCode() == 206 && startsAt(response, out.size());
        if (!continues) {
          if (response.statusCode() == 416 || response.statusCode() == 206) {
            out.truncate(0);
            throw new IOException("the server does not continue at the byte asked for");
          }
          HubClient.requireSuccess(response.statusCode(), response.uri());
          out.truncate(0);
        }
        out.position(out.size());
        copy(file, head, in, out);
      }
      if (out.size() != head.bytes()) {
        throw new IOException("the connection ended at byte " + out.size() + " of " + head.bytes());
      }
    }
  }

  private static boolean startsAt(HttpResponse<?> response, long firstByte) {
    String range = response.headers().firstValue("content-range").orElse("");
    return range.startsWith("bytes " + firstByte + "-");
  }

  private void copy(String file, HubFolder.FileHead head, InputStream in, FileChannel out)
      throws IOException {
    byte[] buffer = new byte[BUFFER_BYTES];
    for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
      if (out.position() + read > head.bytes()) {
        out.truncate(0);
        throw new IOException("more bytes came than the " + head.bytes() + " announced");
      }
      ByteBuffer part = ByteBuffer.wrap(buffer, 0, read);
      while (part.hasRemaining()) {
        out.write(part);
      }
      progress.downloaded(file, out.position(), head.bytes());
    }
  }

  /** Large files are named by their SHA-256, small ones as git names them; others by neither. */
  private static void check(String file, HubFolder.FileHead head, Path incomplete)
      throws IOException {
    String found;
    if (head.etag().matches("[0-9a-f]{" + SHA256_DIGITS + "}")) {
      found = digest("SHA-256", "", incomplete);
    } else if (head.etag().matches("[0-9a-f]{" + SHA1_DIGITS + "}")) {
      found = digest("SHA-1", "blob " + head.bytes() + "\0", incomplete);
    } else {
      return;
    }
    if (!found.equals(head.etag())) {
      Files.delete(incomplete);
      throw new CheckpointException(
          file
              + " must have the checksum "
              + head.etag()
              + ", has "
              + found
              + ": it was damaged on its way and is deleted, start again");
    }
  }

  private static String digest(String algorithm, String before, Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      MessageDigest digest = MessageDigest.getInstance(algorithm);
      digest.update(before.getBytes(StandardCharsets.US_ASCII));
      byte[] buffer = new byte[BUFFER_BYTES];
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        digest.update(buffer, 0, read);
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A relative link as the hub's own tools make it, a copy where links cannot be made. */
  private static void link(Path file, Path blob) throws IOException {
    if (Files.exists(file)) {
      return;
    }
    Files.createDirectories(file.getParent());
    Files.deleteIfExists(file);
    try {
      Files.createSymbolicLink(file, file.getParent().relativize(blob));
    } catch (UnsupportedOperationException | IOException e) {
      Files.copy(blob, file, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  private static void move(Path from, Path to) throws IOException {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) {
      Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  private static void pause(long millis) throws IOException {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while waiting to try again");
    }
  }
}
