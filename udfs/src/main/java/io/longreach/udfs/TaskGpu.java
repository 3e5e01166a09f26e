package io.longreach.udfs;

import io.longreach.encoders.DeviceName;
import io.longreach.encoders.EmbedderOptions;
import io.longreach.kernels.cuda.CudaException;
import io.longreach.kernels.cuda.Gpus;
import io.longreach.kernels.cuda.SharedGpu;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.resource.ResourceInformation;
import org.apache.spark.util.TaskCompletionListener;

/**
 * The GPU of the running task: the one that Spark has given to it, and no other. Without Spark's
 * scheduling of GPUs there is one in local mode only, where nobody else can be given it.
 */
public final class TaskGpu {
  private static final String RESOURCE = "gpu";
  private static final String REMEDY =
      "set spark.executor.resource.gpu.amount, spark.executor.resource.gpu.discoveryScript and"
          + " spark.task.resource.gpu.amount, or use device=cpu";

  /** Attempts whose end is listened for. */
  private static final Set<Long> LISTENING = ConcurrentHashMap.newKeySet();

  private TaskGpu() {}

  /**
   * The options with the address of this task's GPU, or with the CPU where there is none for it.
   *
   * @throws IllegalArgumentException if there must be one, with the remedy
   */
  static EmbedderOptions assign(EmbedderOptions options) {
    DeviceName device = DeviceName.parse(options.device());
    if (device.kind() == DeviceName.Kind.CPU || SparkEnv.get() == null) {
      return options;
    }
    boolean local = isLocal(SparkEnv.get().conf());
    TaskContext task = TaskContext.get();
    if (task == null) {
      // The driver of a cluster looks at models, and leaves the GPUs to the executors.
      return local ? options : options.withDevice("cpu");
    }
    freeAtTheEnd(task);
    Map<String, ResourceInformation> resources = task.resourcesJMap();
    if (resources.containsKey(RESOURCE)) {
      String[] addresses = resources.get(RESOURCE).addresses();
      boolean named = !device.address().isEmpty();
      return named ? options : options.withDevice(device.at(addresses[0]).toString());
    }
    if (local) {
      return options;
    }
    if (device.kind() == DeviceName.Kind.AUTO) {
      return options.withDevice("cpu");
    }
    throw new IllegalArgumentException(
        "device=" + device + ", but Spark has given this task no GPU: " + REMEDY);
  }

  /**
   * Checks before a job starts that its tasks will be given GPUs if they must have them.
   *
   * @throws IllegalArgumentException if not, with the remedy
   */
  public static void requireScheduled(SparkConf conf, EmbedderOptions options) {
    DeviceName device = DeviceName.parse(options.device());
    if (device.kind() == DeviceName.Kind.CUDA
        && !isLocal(conf)
        && !conf.contains("spark.task.resource.gpu.amount")) {
      throw new IllegalArgumentException(
          "device=" + device + ", but Spark gives its tasks no GPU: " + REMEDY);
    }
  }

  /**
   * Checks where a statement is analysed, before any job starts, that a GPU that it must have is
   * there: in local mode by looking, on a cluster by Spark's settings.
   *
   * @throws IllegalArgumentException if not, with the remedy
   */
  public static void requireUsable(EmbedderOptions options) {
    DeviceName device = DeviceName.parse(options.device());
    if (device.kind() != DeviceName.Kind.CUDA || SparkEnv.get() == null) {
      return;
    }
    SparkConf conf = SparkEnv.get().conf();
    requireScheduled(conf, options);
    if (isLocal(conf)) {
      try {
        Gpus.at(device.address());
      } catch (CudaException e) {
        throw new IllegalArgumentException(
            "device=" + device + " cannot be used: " + e.getMessage(), e);
      }
    }
  }

  private static boolean isLocal(SparkConf conf) {
    String master = conf.get("spark.master", "");
    return master.equals("local") || master.startsWith("local[");
  }

  /** However the task ends: succeeded, failed or killed. */
  private static void freeAtTheEnd(TaskContext task) {
    long attempt = task.taskAttemptId();
    if (LISTENING.add(attempt)) {
      TaskCompletionListener listener =
          ended -> {
            LISTENING.remove(attempt);
            SharedGpu.endTask();
          };
      task.addTaskCompletionListener(listener);
    }
  }
}
