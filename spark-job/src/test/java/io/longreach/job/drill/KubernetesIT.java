package io.longreach.job.drill;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.api.model.Quantity;
import io.longreach.job.ExitStatus;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The shaded jar on Kubernetes, with {@code conf/spark-defaults.conf}, {@code
 * conf/kubernetes/kubernetes.conf} and the pod templates: Spark's own client, an API server and a
 * node of the tests' own, and pods that are processes of this machine.
 */
class KubernetesIT {
  private static final Installation INSTALLATION =
      new Installation(Path.of("").toAbsolutePath().getParent());
  private static final int DOCUMENTS = 6;
  private static final int LIMIT_SECONDS = 240;
  private static final int KILLED = 137;

  @TempDir static Path folder;
  private static ClusterRuns runs;
  private static KubernetesCluster cluster;
  private static OutputDigest local;

  @BeforeAll
  static void start() throws Exception {
    runs = new ClusterRuns(folder);
    runs.write("in", DOCUMENTS, i -> 8 * i + 5);
    runs.write("failing", DOCUMENTS, i -> 8 * i + 5);
    Files.writeString(runs.input("failing").resolve("blank.txt"), " ");
    cluster = new KubernetesCluster(INSTALLATION, folder);
    local = runs.local("in", ExitStatus.DONE);
    assertEquals(DOCUMENTS, local.documents());
  }

  @AfterAll
  static void stop() {
    if (cluster != null) {
      cluster.close();
    }
    runs.close();
  }

  /** With one executor, the job cannot end before another takes its place. */
  @Test
  void clientModeReplacesAnExecutorThatIsKilledAndGivesTheBitsOfALocalRun() throws Exception {
    int before = cluster.kubelet().pods("executor").size();
    List<String> settings = new ArrayList<>(cluster.clientMode());
    settings.add("spark.executor.instances=1");
    SparkProcess job =
        cluster.submit("client", settings, runs.embed("client", "failing", "--tasks", "6"));
    while (OutputState.of(runs.output("client")).parts().isEmpty()) {
      assertTrue(!job.endsWithin(0.02), job::log);
    }
    Pod killed = cluster.kubelet().pods("executor").get(before);
    cluster.kubelet().kill(killed);
    assertEquals(ExitStatus.DONE_WITH_FAILURES, job.exitStatus(LIMIT_SECONDS), job::log);
    assertEquals(KILLED, exitOf(killed), cluster.kubelet()::logs);
    assertEquals(2, cluster.kubelet().pods("executor").size() - before, "killed and replaced");
    assertEquals(local, runs.digest("client"));
  }

  /** Spark's command knows no failure in this mode; the driver's container does. */
  @Test
  void clusterModeGivesTheSameBitsInPodsAsTheSettingsSay() throws Exception {
    int before = cluster.kubelet().pods("executor").size();
    SparkProcess job =
        cluster.submit("cluster", cluster.clusterMode(), runs.embed("cluster", "in"));
    assertEquals(ExitStatus.DONE, job.exitStatus(LIMIT_SECONDS), cluster.kubelet()::logs);
    Pod driver = driver();
    assertEquals(ExitStatus.DONE, exitOf(driver), cluster.kubelet()::logs);
    assertTrue(cluster.kubelet().log(driver).contains("on 2 cores"), cluster.kubelet()::logs);
    assertEquals(local, runs.digest("cluster"));

    requireTemplate(driver, "1536Mi");
    assertEquals("spark", driver.getSpec().getServiceAccountName());
    List<Pod> executors = cluster.kubelet().pods("executor");
    assertEquals(2, executors.size() - before);
    for (Pod executor : executors.subList(before, executors.size())) {
      requireTemplate(executor, "2816Mi");
      List<String> values =
          executor.getSpec().getContainers().get(0).getEnv().stream()
              .map(EnvVar::getValue)
              .toList();
      for (String option : executorOptions()) {
        assertTrue(values.contains(option), () -> option + " is not in " + values);
      }
    }
  }

  @Test
  void clusterModeTellsTheStatusOfACommandThatIsWrongInItsPod() throws Exception {
    SparkProcess job =
        cluster.submit("wrong", cluster.clusterMode(), runs.embed("wrong", "in", "--tasks", "few"));
    assertEquals(ExitStatus.DONE, job.exitStatus(LIMIT_SECONDS), job::log);
    assertTrue(job.output().contains("exit code: " + ExitStatus.USAGE), job::log);
    Pod driver = driver();
    assertEquals(ExitStatus.USAGE, exitOf(driver), cluster.kubelet()::logs);
    assertTrue(
        cluster.kubelet().log(driver).contains("longreach: Invalid value"),
        cluster.kubelet()::logs);
  }

  /** The driver of the last job. */
  private static Pod driver() {
    List<Pod> drivers = cluster.kubelet().pods("driver");
    return drivers.get(drivers.size() - 1);
  }

  private static int exitOf(Pod pod) {
    PodStatus status = cluster.kubelet().status(pod);
    return status.getContainerStatuses().get(0).getState().getTerminated().getExitCode();
  }

  private static void requireTemplate(Pod pod, String memory) {
    Container container = pod.getSpec().getContainers().get(0);
    assertEquals("longreach", pod.getMetadata().getLabels().get("app"));
    assertEquals(185, pod.getSpec().getSecurityContext().getRunAsUser());
    assertEquals(185, pod.getSpec().getSecurityContext().getFsGroup());
    assertEquals(false, container.getSecurityContext().getAllowPrivilegeEscalation());
    assertEquals("apache/spark:4.2.0-java17", container.getImage());
    assertEquals(new Quantity(memory), container.getResources().getLimits().get("memory"));
    assertTrue(
        Files.isDirectory(cluster.kubelet().folder(pod).resolve("djl")),
        "the tokenizer library has not unpacked itself into DJL_CACHE_DIR");
    // The JVM's own line.
    String log = cluster.kubelet().log(pod);
    assertTrue(log.contains("Using incubator modules: jdk.incubator.vector"), log);
  }

  private static List<String> executorOptions() throws Exception {
    String key = "spark.executor.extraJavaOptions";
    return Files.readAllLines(INSTALLATION.conf().resolve("spark-defaults.conf")).stream()
        .filter(line -> line.startsWith(key))
        .flatMap(line -> List.of(line.substring(key.length()).strip().split(" +")).stream())
        .toList();
  }
}
