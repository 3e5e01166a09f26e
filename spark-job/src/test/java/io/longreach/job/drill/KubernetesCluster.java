package io.longreach.job.drill;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** An {@link ApiServer}, one {@link Kubelet}, and jobs that are submitted to them. */
final class KubernetesCluster implements AutoCloseable {
  private final Installation installation;
  private final Path folder;
  private final SparkDistribution spark;
  private final ApiServer server = new ApiServer();
  private final Kubelet kubelet;
  private final List<SparkProcess> processes = new ArrayList<>();

  KubernetesCluster(Installation installation, Path folder) throws IOException {
    this.installation = installation;
    this.folder = folder;
    Path forKubernetes = installation.jar().resolveSibling("kubernetes-jars");
    spark = SparkDistribution.of(folder.resolve("spark"), installation.sparkJars(), forKubernetes);
    kubelet = new Kubelet(server.client(), spark, folder.resolve("pods"));
    // The settings name the pod templates by paths from the project's folder.
    Files.createSymbolicLink(folder.resolve("conf"), installation.conf());
  }

  Kubelet kubelet() {
    return kubelet;
  }

  /** Submits the shaded jar with the settings that the project ships, put together as it says. */
  SparkProcess submit(String name, List<String> settings, String... command) throws IOException {
    Path properties =
        ClusterRuns.settings(installation, folder, name, "kubernetes/kubernetes.conf");
    List<String> arguments = new ArrayList<>();
    arguments.addAll(List.of("--master", "k8s://" + server.url()));
    arguments.addAll(List.of("--properties-file", properties.toString()));
    settings.forEach(setting -> arguments.addAll(List.of("--conf", setting)));
    arguments.addAll(List.of("--class", "io.longreach.job.Main"));
    arguments.add(installation.jar().toString());
    arguments.addAll(List.of(command));
    Map<String, String> environment = new HashMap<>(spark.environment());
    // Nobody's real cluster.
    environment.put("KUBECONFIG", folder.resolve("no-kubeconfig").toString());
    environment.put("SPARK_LOCAL_IP", "127.0.0.1");
    SparkProcess process =
        SparkProcess.exec(folder, name, environment, spark.submit(environment, arguments));
    processes.add(process);
    return process;
  }

  /** What a driver needs to be told where the cluster is one machine. */
  List<String> clientMode() {
    return List.of("spark.driver.host=127.0.0.1", "spark.driver.bindAddress=127.0.0.1");
  }

  List<String> clusterMode() throws IOException {
    return List.of(
        "spark.submit.deployMode=cluster",
        "spark.kubernetes.driver.master=" + server.url(),
        "spark.kubernetes.file.upload.path=" + folder.resolve("upload").toUri(),
        "spark.driver.port=" + StandaloneCluster.freePort(),
        "spark.driver.blockManager.port=" + StandaloneCluster.freePort());
  }

  @Override
  public void close() {
    processes.forEach(SparkProcess::close);
    kubelet.close();
    server.close();
  }
}
