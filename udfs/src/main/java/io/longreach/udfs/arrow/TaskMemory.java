package io.longreach.udfs.arrow;

import org.apache.arrow.memory.BufferAllocator;
import org.apache.spark.TaskContext;
import org.apache.spark.sql.util.ArrowUtils;
import org.apache.spark.util.TaskCompletionListener;

/** Arrow memory that ends with a Spark task, whether it succeeds, fails or is killed. */
public final class TaskMemory {

  private TaskMemory() {}

  /** Spark's own root allocator: one account of Arrow memory for the whole executor. */
  public static BufferAllocator allocator() {
    return ArrowUtils.rootAllocator();
  }

  /** Closes something at the end of the running task, or never where there is no task. */
  public static void closeWithTask(AutoCloseable resource) {
    TaskContext task = TaskContext.get();
    if (task != null) {
      TaskCompletionListener listener = ended -> close(resource);
      task.addTaskCompletionListener(listener);
    }
  }

  /** Throws where the running task was killed; there may be none. */
  public static void endIfKilled() {
    TaskContext task = TaskContext.get();
    if (task != null) {
      task.killTaskIfInterrupted();
    }
  }

  private static void close(AutoCloseable resource) {
    try {
      resource.close();
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
