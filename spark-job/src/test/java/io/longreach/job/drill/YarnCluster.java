package io.longreach.job.drill;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A {@link YarnServer} in a process of its own, and jobs that are submitted to it. */
final class YarnCluster implements AutoCloseable {
  private static final int START_SECONDS = 120;

  private final Installation installation;
  private final Path folder;
  private final Path jars;
  private final List<SparkProcess> processes = new ArrayList<>();

  YarnCluster(Installation installation, Path folder) throws IOException, InterruptedException {
    this.installation = installation;
    this.folder = folder;
    this.jars = installation.jar().resolveSibling("yarn-jars");
    SparkProcess server =
        start(
            "yarn",
            System.getProperty("java.class.path") + File.pathSeparator + jars + "/*",
            List.of("-Xmx512m", YarnServer.class.getName(), conf().toString(), "2"));
    try {
      server.await(YarnServer.READY, START_SECONDS);
    } catch (IOException | InterruptedException | RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  private Path conf() {
    return folder.resolve("hadoop-conf");
  }

  private SparkProcess start(String name, String classPath, List<String> command)
      throws IOException {
    Map<String, String> environment = Map.of("HADOOP_CONF_DIR", conf().toString());
    SparkProcess process = SparkProcess.start(folder, name, classPath, environment, command);
    processes.add(process);
    return process;
  }

  /** Submits the shaded jar with the settings that the project ships, put together as it says. */
  SparkProcess submit(String name, List<String> settings, String... arguments) throws IOException {
    Path properties = ClusterRuns.settings(installation, folder, name, "yarn/yarn.conf");
    String sparkYarn = jars.resolve("spark-yarn.jar").toString();
    String spark = installation.sparkJars() + "/*";
    List<String> all = new ArrayList<>(settings);
    all.addAll(
        List.of(
            // Where a cluster has them on HDFS; here they need no copy.
            "spark.yarn.jars=local:" + sparkYarn + ",local:" + spark,
            "spark.yarn.stagingDir=" + folder.resolve("staging").toUri(),
            "spark.yarn.appMasterEnv.SPARK_LOCAL_IP=127.0.0.1",
            "spark.executorEnv.SPARK_LOCAL_IP=127.0.0.1",
            "spark.ui.enabled=false"));
    List<String> command = new ArrayList<>();
    command.addAll(List.of("-Xmx1g", "org.apache.spark.deploy.SparkSubmit", "--master", "yarn"));
    command.addAll(List.of("--properties-file", properties.toString()));
    all.forEach(setting -> command.addAll(List.of("--conf", setting)));
    command.addAll(List.of("--class", "io.longreach.job.Main", installation.jar().toString()));
    command.addAll(Arrays.asList(arguments));
    return start(
        name, String.join(File.pathSeparator, conf().toString(), sparkYarn, spark), command);
  }

  /**
   * Containers of all applications so far: {@code container_CLUSTER_APPLICATION_ATTEMPT_NUMBER}.
   */
  List<String> containers() {
    return containerFiles()
        .map(file -> file.getParent().getFileName().toString())
        .distinct()
        .sorted()
        .toList();
  }

  /** What containers have said, for messages. */
  String containerLogs() {
    return containerFiles()
        .map(
            file -> {
              try {
                return file + ":\n" + Files.readString(file);
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            })
        .collect(Collectors.joining("\n"));
  }

  private Stream<Path> containerFiles() {
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .filter(file -> file.toString().matches(".*/container_[^/]*/std(err|out)"))
          .toList()
          .stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    for (int i = processes.size() - 1; i >= 0; i--) {
      processes.get(i).close();
    }
  }
}
