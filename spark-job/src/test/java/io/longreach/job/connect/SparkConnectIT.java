package io.longreach.job.connect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longreach.job.drill.SparkProcess;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A Spark Connect server that has the shaded jar, and Spark's JVM client in a process of its own.
 */
class SparkConnectIT {
  private static final Path TARGET = Path.of("target").toAbsolutePath();
  private static final Path JAR = TARGET.resolve("longreach.jar");

  @TempDir static Path folder;
  private static SparkProcess server;
  private static String output;

  @BeforeAll
  static void start() throws IOException, InterruptedException {
    int port = freePort();
    List<String> jars = List.of(jar("server"), JAR.toString(), TARGET.resolve("spark-jars") + "/*");
    server =
        start(
            "server",
            jars,
            "-Xmx1500m",
            "-Dspark.master=local[2]",
            "-Dspark.app.name=longreach",
            "-Dspark.ui.enabled=false",
            "-Dspark.driver.host=localhost",
            "-Dspark.driver.bindAddress=127.0.0.1",
            "-Dspark.connect.grpc.binding.address=127.0.0.1",
            "-Dspark.connect.grpc.binding.port=" + port,
            "org.apache.spark.sql.connect.service.SparkConnectServer");
    server.await("Spark Connect server started", 90);
    try (SparkProcess client =
        start(
            "client",
            clientClassPath(),
            "-Xmx512m",
            ConnectClient.class.getName(),
            "sc://127.0.0.1:" + port)) {
      assertEquals(0, client.exitStatus(120), client::log);
      output = client.output();
    }
  }

  private static SparkProcess start(String name, List<String> classPath, String... command)
      throws IOException {
    String path = String.join(File.pathSeparator, classPath);
    return SparkProcess.start(folder, name, path, Map.of(), List.of(command));
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static String jar(String which) {
    return TARGET.resolve("connect-jars/spark-connect-" + which + ".jar").toString();
  }

  /** As a client has it: libraries, and nothing of a session of its own. */
  private static List<String> clientClassPath() throws IOException {
    List<String> classPath = new ArrayList<>();
    classPath.add(jar("client"));
    classPath.add(jar("shims"));
    classPath.add(TARGET.resolve("test-classes").toString());
    classPath.add(JAR.toString());
    try (Stream<Path> files = Files.list(TARGET.resolve("spark-jars"))) {
      files
          .map(Path::toString)
          .filter(file -> !file.matches(".*/spark-(core|catalyst|sql)_[^/]*"))
          .forEach(classPath::add);
    }
    return classPath;
  }

  @AfterAll
  static void stop() {
    if (server != null) {
      server.close();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "sql [[5]]",
        "call_function [[4], [4], [4]]",
        "api [[7], [7], [7]]",
        "aggregate [[7]]",
        "setting [[3]]"
      })
  void everyWayToCallGives(String line) {
    assertTrue(output.lines().anyMatch(line::equals), output);
  }

  @Test
  void anErrorOfAnalysisArrivesWhole() {
    String line = line("error ");
    assertTrue(line.startsWith("error AnalysisException: [LONGREACH_INVALID_ARGUMENT] "), line);
    assertTrue(line.contains("did you mean 'window'"), line);
    assertTrue(line.contains("SQLSTATE: 22023"), line);
  }

  @Test
  void aFunctionOfTheClientIsRefused() {
    assertTrue(line("mapInArrow ").contains("needs a session of this JVM"), output);
  }

  private static String line(String start) {
    return output.lines().filter(l -> l.startsWith(start)).findFirst().orElse("");
  }
}
