package io.longreach.encoders.text;

import ai.djl.huggingface.tokenizers.jni.LibUtils;
import java.nio.file.Path;

/**
 * Loads the native tokenizer library without touching the network.
 *
 * <p>The library unpacks itself below {@code DJL_CACHE_DIR} (environment or system property). Where
 * neither is set, that is a folder of the temporary directory named after the user: another user's
 * folder may not be writable, and two executors of one user unpack into folders of their own and
 * rename, so they do not meet.
 */
final class NativeLibrary {
  private NativeLibrary() {}

  static synchronized void load() {
    // The library reports its use over the network unless told not to.
    setDefault("OPT_OUT_TRACKING", "true");
    setDefault("DJL_OFFLINE", "ai.djl.offline", "true");
    String folder = "longreach-native-" + System.getProperty("user.name", "unknown");
    setDefault("DJL_CACHE_DIR", Path.of(System.getProperty("java.io.tmpdir"), folder).toString());
    LibUtils.checkStatus();
  }

  private static void setDefault(String name, String value) {
    setDefault(name, name, value);
  }

  private static void setDefault(String environment, String property, String value) {
    if (System.getenv(environment) == null && System.getProperty(property) == null) {
      System.setProperty(property, value);
    }
  }
}
