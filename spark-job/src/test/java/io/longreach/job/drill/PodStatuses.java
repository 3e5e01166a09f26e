package io.longreach.job.drill;

import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStateBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.api.model.PodStatusBuilder;
import java.time.Instant;

/** What a node says of a pod of one container. */
final class PodStatuses {

  private PodStatuses() {}

  static PodStatus running(Pod pod) {
    String now = Instant.now().toString();
    ContainerState state =
        new ContainerStateBuilder().withNewRunning().withStartedAt(now).endRunning().build();
    return of(pod, "Running", state).toBuilder()
        .addNewCondition()
        .withType("Ready")
        .withStatus("True")
        .endCondition()
        .build();
  }

  /**
   * @param exit the container's exit status
   * @param reason as Kubernetes names it: {@code Completed}, {@code Error}, {@code OOMKilled}
   */
  static PodStatus ended(Pod pod, int exit, String reason, String message) {
    ContainerState state =
        new ContainerStateBuilder()
            .withNewTerminated()
            .withExitCode(exit)
            .withReason(reason)
            .withMessage(message)
            .withFinishedAt(Instant.now().toString())
            .endTerminated()
            .build();
    return of(pod, exit == 0 ? "Succeeded" : "Failed", state);
  }

  private static PodStatus of(Pod pod, String phase, ContainerState state) {
    return new PodStatusBuilder()
        .withPhase(phase)
        .withPodIP(PodContainer.IP)
        .withHostIP(PodContainer.IP)
        .withStartTime(pod.getMetadata().getCreationTimestamp())
        .addNewContainerStatus()
        .withName(pod.getSpec().getContainers().get(0).getName())
        .withReady(state.getRunning() != null)
        .withState(state)
        .endContainerStatus()
        .build();
  }
}
