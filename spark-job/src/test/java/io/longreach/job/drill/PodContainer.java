package io.longreach.job.drill;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapVolumeSource;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.KeyToPath;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSecurityContext;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * The container of a pod as a process of this machine: what the entry point of Spark's image does,
 * with paths below the pod's own folder in place of its file system.
 */
final class PodContainer {
  static final String IP = "127.0.0.1";

  private final SparkDistribution image;
  private final Path folder;
  private final Pod pod;
  private final Container container;

  /** Folders of this machine by the path that the container sees, longest first. */
  private final Map<String, Path> paths =
      new TreeMap<>(
          Comparator.comparingInt(String::length).reversed().thenComparing(String::toString));

  PodContainer(SparkDistribution image, Path folder, Pod pod) {
    this.image = image;
    this.folder = folder;
    this.pod = pod;
    this.container = pod.getSpec().getContainers().get(0);
    requireUser();
  }

  /** The user of apache/spark is a name, of which a node cannot tell whether it is root. */
  private void requireUser() {
    PodSecurityContext security = pod.getSpec().getSecurityContext();
    if (security != null
        && Boolean.TRUE.equals(security.getRunAsNonRoot())
        && security.getRunAsUser() == null) {
      throw new IllegalArgumentException(
          "container has runAsNonRoot and image has non-numeric user (spark)");
    }
  }

  /** Memory that it may have, in bytes. */
  long limitBytes() {
    return container.getResources().getLimits().get("memory").getNumericalAmount().longValue();
  }

  /**
   * Starts it.
   *
   * @param configMaps by name
   */
  SparkProcess start(Function<String, ConfigMap> configMaps, Map<String, String> more)
      throws IOException {
    for (VolumeMount mount : container.getVolumeMounts()) {
      paths.put(mount.getMountPath(), folder.resolve("volumes").resolve(mount.getName()));
    }
    for (Volume volume : pod.getSpec().getVolumes()) {
      Path files = Files.createDirectories(folder.resolve("volumes").resolve(volume.getName()));
      if (volume.getConfigMap() != null) {
        write(volume.getConfigMap(), configMaps, files);
      } else if (volume.getEmptyDir() == null) {
        throw new IllegalArgumentException("a volume of this kind is not provided: " + volume);
      }
    }
    Map<String, String> environment = environment();
    environment.putAll(image.environment());
    environment.putAll(more);
    return SparkProcess.exec(folder, "container", environment, command(environment));
  }

  private void write(
      ConfigMapVolumeSource source, Function<String, ConfigMap> configMaps, Path target)
      throws IOException {
    Map<String, String> data = configMaps.apply(source.getName()).getData();
    for (KeyToPath item : source.getItems()) {
      Files.writeString(target.resolve(item.getPath()), here(data.get(item.getKey())));
    }
  }

  /** A text of the container, with this machine's paths. */
  private String here(String text) {
    String result = text;
    for (Map.Entry<String, Path> path : paths.entrySet()) {
      result = result.replace(path.getKey(), path.getValue().toString());
    }
    return result;
  }

  private Map<String, String> environment() {
    Map<String, String> environment = new TreeMap<>();
    for (EnvVar variable : container.getEnv()) {
      // A container's /tmp is its own.
      String value = value(variable).replaceFirst("^/tmp/(djl)", folder + "/$1");
      environment.put(variable.getName(), here(value));
    }
    return environment;
  }

  private String value(EnvVar variable) {
    if (variable.getValueFrom() == null) {
      return variable.getValue() == null ? "" : variable.getValue();
    }
    String field = variable.getValueFrom().getFieldRef().getFieldPath();
    return switch (field) {
      case "status.podIP" -> IP;
      case "metadata.name" -> pod.getMetadata().getName();
      default -> throw new IllegalArgumentException("a field that is not provided: " + field);
    };
  }

  private List<String> command(Map<String, String> environment) throws IOException {
    List<String> arguments = container.getArgs().stream().map(this::here).toList();
    List<String> rest = arguments.subList(1, arguments.size());
    return switch (arguments.get(0)) {
      case "driver" -> driver(environment, rest);
      case "executor" -> executor(environment, rest);
      default -> throw new IllegalArgumentException("not a command of Spark's image: " + arguments);
    };
  }

  private List<String> driver(Map<String, String> environment, List<String> arguments)
      throws IOException {
    String address = environment.get("SPARK_DRIVER_BIND_ADDRESS");
    List<String> all = new ArrayList<>();
    all.addAll(List.of("--conf", "spark.driver.bindAddress=" + address));
    all.addAll(List.of("--conf", "spark.executorEnv.SPARK_DRIVER_POD_IP=" + address));
    all.addAll(List.of("--deploy-mode", "client"));
    all.addAll(arguments);
    return image.submit(environment, all);
  }

  private List<String> executor(Map<String, String> environment, List<String> arguments) {
    List<String> line = new ArrayList<>();
    line.add(SparkDistribution.java().toString());
    environment.forEach(
        (name, value) -> {
          if (name.startsWith("SPARK_JAVA_OPT_")) {
            line.add(value);
          }
        });
    String memory = environment.get("SPARK_EXECUTOR_MEMORY");
    line.addAll(List.of("-Xms" + memory, "-Xmx" + memory));
    line.addAll(List.of("-cp", environment.get("SPARK_CONF_DIR") + ":" + image.classPath()));
    line.add("org.apache.spark.scheduler.cluster.k8s.KubernetesExecutorBackend");
    Map<String, String> options =
        Map.of(
            "--driver-url", "SPARK_DRIVER_URL",
            "--executor-id", "SPARK_EXECUTOR_ID",
            "--cores", "SPARK_EXECUTOR_CORES",
            "--app-id", "SPARK_APPLICATION_ID",
            "--hostname", "SPARK_EXECUTOR_POD_IP",
            "--resourceProfileId", "SPARK_RESOURCE_PROFILE_ID",
            "--podName", "SPARK_EXECUTOR_POD_NAME");
    options.forEach((option, name) -> line.addAll(List.of(option, environment.get(name))));
    line.addAll(arguments);
    return line;
  }
}
