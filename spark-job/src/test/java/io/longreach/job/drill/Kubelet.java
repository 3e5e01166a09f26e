package io.longreach.job.drill;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * A node of a test: it starts the container of each new pod as a process, says how it goes, kills
 * what goes beyond its memory, and ends what is deleted.
 */
final class Kubelet implements AutoCloseable {
  private static final int CONFIG_MAP_SECONDS = 20;
  private static final double MEASURE_SECONDS = 0.5;
  private static final int KILLED = 137;
  private static final int NOT_STARTED = 128;

  private final KubernetesClient client;
  private final SparkDistribution image;
  private final Path folder;
  private final List<Pod> pods = new CopyOnWriteArrayList<>();
  private final Map<String, SparkProcess> processes = new ConcurrentHashMap<>();
  private final Map<String, PodStatus> statuses = new ConcurrentHashMap<>();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Watch watch;

  Kubelet(KubernetesClient client, SparkDistribution image, Path folder) {
    this.client = client;
    this.image = image;
    this.folder = folder;
    this.watch = client.pods().watch(new PodWatcher());
  }

  /** Pods of a role, {@code driver} or {@code executor}, as they were created, oldest first. */
  List<Pod> pods(String role) {
    return pods.stream()
        .filter(pod -> role.equals(pod.getMetadata().getLabels().get("spark-role")))
        .toList();
  }

  /** SIGKILL for a pod's process. */
  void kill(Pod pod) throws InterruptedException {
    processes.get(name(pod)).kill();
  }

  /** What it last said of a pod, which may be deleted by now. */
  PodStatus status(Pod pod) {
    return statuses.get(name(pod));
  }

  /** What a pod's process has said. */
  String log(Pod pod) {
    SparkProcess process = processes.get(name(pod));
    return process == null ? "not started: " + status(pod) : process.log();
  }

  /** The files of a pod. */
  Path folder(Pod pod) {
    return folder.resolve(name(pod));
  }

  /** What all have said, for messages. */
  String logs() {
    return pods.stream().map(pod -> name(pod) + ":\n" + log(pod)).collect(Collectors.joining("\n"));
  }

  private static String name(Pod pod) {
    return pod.getMetadata().getName();
  }

  private void run(Pod pod) {
    try {
      PodContainer container = new PodContainer(image, folder(pod), pod);
      Map<String, String> resolver = Map.of("JDK_JAVA_OPTIONS", resolver());
      SparkProcess process = container.start(this::configMap, resolver);
      processes.put(name(pod), process);
      if (isDeleted(pod)) {
        process.close();
      }
      report(pod, PodStatuses.running(pod));
      report(pod, await(pod, process, container.limitBytes()));
    } catch (IOException | RuntimeException e) {
      report(pod, PodStatuses.ended(pod, NOT_STARTED, "StartError", e.toString()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static PodStatus await(Pod pod, SparkProcess process, long limitBytes)
      throws IOException, InterruptedException {
    while (!process.endsWithin(MEASURE_SECONDS)) {
      long bytes = residentBytes(process);
      if (bytes > limitBytes) {
        process.kill();
        return PodStatuses.ended(pod, KILLED, "OOMKilled", bytes + " of " + limitBytes);
      }
    }
    int exit = process.exitStatus(1);
    return PodStatuses.ended(pod, exit, exit == 0 ? "Completed" : "Error", null);
  }

  private static long residentBytes(SparkProcess process) throws IOException {
    Path status = Path.of("/proc", String.valueOf(process.pid()), "status");
    if (!Files.exists(status)) {
      return 0;
    }
    return Files.readAllLines(status).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("[^0-9]", "")))
        .sum();
  }

  /** Waits for it: Spark creates the driver's after its pod. */
  private ConfigMap configMap(String name) {
    return client
        .configMaps()
        .withName(name)
        .waitUntilCondition(map -> map != null, CONFIG_MAP_SECONDS, TimeUnit.SECONDS);
  }

  /** Services' names, for the JVMs of pods: what the cluster's DNS does. */
  private synchronized String resolver() throws IOException {
    List<String> names = new ArrayList<>();
    names.addAll(List.of("localhost", InetAddress.getLocalHost().getHostName()));
    client
        .services()
        .list()
        .getItems()
        .forEach(service -> names.add(service.getMetadata().getName() + ".default.svc"));
    Path hosts = Files.createDirectories(folder).resolve("hosts");
    Files.writeString(hosts, PodContainer.IP + " " + String.join(" ", names) + "\n");
    return "-Djdk.net.hosts.file=" + hosts;
  }

  private void report(Pod pod, PodStatus status) {
    statuses.put(name(pod), status);
    try {
      client
          .pods()
          .withName(name(pod))
          .editStatus(current -> new PodBuilder(current).withStatus(status).build());
    } catch (KubernetesClientException e) {
      if (!isDeleted(pod)) {
        throw e;
      }
    }
  }

  private boolean isDeleted(Pod pod) {
    return client.pods().withName(name(pod)).get() == null;
  }

  @Override
  public void close() {
    watch.close();
    threads.shutdownNow();
    processes.values().forEach(SparkProcess::close);
  }

  private final class PodWatcher implements Watcher<Pod> {
    @Override
    public void eventReceived(Action action, Pod pod) {
      if (action == Action.ADDED) {
        pods.add(pod);
        threads.execute(() -> run(pod));
      } else if (action == Action.DELETED) {
        SparkProcess process = processes.get(name(pod));
        if (process != null) {
          process.close();
        }
      }
    }

    @Override
    public void onClose(WatcherException cause) {
      throw new IllegalStateException("the watch of the pods ended", cause);
    }
  }
}
