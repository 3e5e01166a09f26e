package io.longreach.job.drill;

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
  private static final int START_SECONDS = 60;

  private final Installation installation;
  private final Path folder;
  private final List<String> workerOptions;
  private final int port;
  final int masterWebPort;
  private final List<SparkProcess> processes = new ArrayList<>();
  private final List<ProcessHandle> orphans = new ArrayList<>();
  private final List<SparkProcess> workers = new ArrayList<>();
  private SparkProcess master;
  private int started;

  StandaloneCluster(Installation installation, Path folder, int workerCount)
      throws IOException, InterruptedException {
    this(installation, folder, workerCount, List.of());
  }

  /**
   * @param workerOptions of the workers' JVMs
   */
  StandaloneCluster(
      Installation installation, Path folder, int workerCount, List<String> workerOptions)
      throws IOException, InterruptedException {
    this.installation = installation;
    this.folder = folder;
    this.workerOptions = List.copyOf(workerOptions);
    this.port = freePort();
    this.masterWebPort = freePort();
    try {
      master =
          SparkProcess.start(
              installation,
              folder,
              "master",
              List.of(
                  "-Xmx256m",
                  "-Dspark.metrics.conf=" + installation.conf().resolve("metrics.properties")),
              "org.apache.spark.deploy.master.Master",
              "--host",
              "127.0.0.1",
              "--port",
              String.valueOf(port),
              "--webui-port",
              String.valueOf(masterWebPort));
      processes.add(master);
      master.await("I have been elected leader", START_SECONDS);
      for (int i = 0; i < workerCount; i++) {
        workers.add(startWorker());
      }
      for (SparkProcess worker : workers) {
        worker.await("Successfully registered with master", START_SECONDS);
      }
    } catch (IOException | InterruptedException | RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  private SparkProcess startWorker() throws IOException {
    String name = "worker-" + started++;
    List<String> options = new ArrayList<>(workerOptions);
    options.add("-Xmx256m");
    SparkProcess worker =
        SparkProcess.start(
            installation,
            folder,
            name,
            options,
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
            folder.resolve(name).toString(),
            url());
    processes.add(worker);
    return worker;
  }

  /** What stays from one job to the next. */
  Stream<ProcessHandle> masterAndWorkers() {
    return Stream.concat(Stream.of(master), workers.stream()).map(SparkProcess::handle);
  }

  /** Executors that run, where drivers do not run on workers. */
  List<ProcessHandle> executors() {
    return workers.stream().flatMap(SparkProcess::children).toList();
  }

  int workers() {
    return workers.size();
  }

  /** Kills a worker, not its executors, which end by themselves; another takes its place. */
  void replaceWorker(int number) throws IOException, InterruptedException {
    SparkProcess worker = workers.get(number);
    worker.children().forEach(orphans::add);
    worker.kill();
    workers.set(number, startWorker());
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
                installation.conf().resolve("spark-defaults.conf").toString(),
                "--conf",
                "spark.driver.host=127.0.0.1",
                "--conf",
                "spark.ui.enabled=false",
                "--class",
                "io.longreach.job.Main"));
    command.addAll(options);
    command.add(installation.jar().toString());
    command.addAll(Arrays.asList(arguments));
    SparkProcess submitted =
        SparkProcess.start(
            installation, folder, name, List.of("-Xmx1g"), command.toArray(new String[0]));
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

  /** A port of the loopback that nothing listens on now. */
  static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  @Override
  public void close() {
    orphans.forEach(ProcessHandle::destroyForcibly);
    for (int i = processes.size() - 1; i >= 0; i--) {
      processes.get(i).close();
    }
  }
}
