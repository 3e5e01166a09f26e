package io.longreach.job.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** A master and workers on loopback, each a process of its own with one core. */
final class StandaloneCluster implements AutoCloseable {
  private final Path folder;
  private final int port;
  final int masterWebPort;
  private final List<SparkProcess> processes = new ArrayList<>();
  final List<SparkProcess> workers = new ArrayList<>();

  StandaloneCluster(Path folder, int workerCount) throws IOException, InterruptedException {
    this.folder = folder;
    this.port = freePort();
    this.masterWebPort = freePort();
    try {
      SparkProcess master =
          SparkProcess.start(
              folder,
              "master",
              List.of(
                  "-Xmx256m", "-Dspark.metrics.conf=" + SparkProcess.CONF + "/metrics.properties"),
              "org.apache.spark.deploy.master.Master",
              "--host",
              "127.0.0.1",
              "--port",
              String.valueOf(port),
              "--webui-port",
              String.valueOf(masterWebPort));
      processes.add(master);
      master.await("I have been elected leader", 30);
      for (int i = 0; i < workerCount; i++) {
        startWorker(i);
      }
      for (SparkProcess worker : workers) {
        worker.await("Successfully registered with master", 30);
      }
    } catch (IOException | InterruptedException | RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  SparkProcess startWorker(int number) throws IOException {
    SparkProcess worker =
        SparkProcess.start(
            folder,
            "worker-" + number,
            List.of("-Xmx256m"),
            "org.apache.spark.deploy.worker.Worker",
            "--host",
            "127.0.0.1",
            "--cores",
            "1",
            "--memory",
            "3g",
            "--webui-port",
            "0",
            "--work-dir",
            folder.resolve("work-" + number).toString(),
            url());
    workers.add(worker);
    processes.add(worker);
    return worker;
  }

  String url() {
    return "spark://127.0.0.1:" + port;
  }

  /** Submits the shaded jar with the settings that the project ships. */
  SparkProcess submit(String name, List<String> options, String... arguments) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                "org.apache.spark.deploy.SparkSubmit",
                "--master",
                url(),
                "--properties-file",
                SparkProcess.CONF.resolve("spark-defaults.conf").toString(),
                "--conf",
                "spark.driver.host=127.0.0.1",
                "--conf",
                "spark.ui.enabled=false",
                "--class",
                "io.longreach.job.Main"));
    command.addAll(options);
    command.add(SparkProcess.JAR.toString());
    command.addAll(Arrays.asList(arguments));
    SparkProcess submitted =
        SparkProcess.start(folder, name, List.of("-Xmx1g"), command.toArray(new String[0]));
    processes.add(submitted);
    return submitted;
  }

  /** What drivers on workers have said. */
  String driverLogs() {
    try (Stream<Path> files = Files.walk(folder)) {
      StringBuilder logs = new StringBuilder();
      for (Path file :
          files.filter(f -> f.toString().matches(".*/driver-.*/std(err|out)")).toList()) {
        logs.append(file).append(":\n").append(Files.readString(file)).append('\n');
      }
      return logs.toString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  @Override
  public void close() {
    for (int i = processes.size() - 1; i >= 0; i--) {
      processes.get(i).close();
    }
  }
}
