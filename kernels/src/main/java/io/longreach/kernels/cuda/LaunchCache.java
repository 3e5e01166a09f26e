package io.longreach.kernels.cuda;

import io.longreach.kernels.device.Device.Placed;
import io.longreach.kernels.plan.AttentionSchedule;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The last launches, for layers that attend alike: planning takes the host longer than some layers
 * take a GPU. Not thread-safe.
 */
final class LaunchCache {
  /** Layers may alternate between two patterns. */
  private static final int MOST = 2;

  private static final long MOST_BYTES = 64L << 20;

  private final Map<Key, List<AttentionLaunch>> kept = new LinkedHashMap<>();

  /** Schedules are compared by identity, and not kept alive. */
  private record Key(
      List<WeakReference<AttentionSchedule>> schedules,
      List<Integer> firstRows,
      int heads,
      boolean tensorCores) {

    static Key of(List<Placed> documents, int heads, boolean tensorCores) {
      List<WeakReference<AttentionSchedule>> schedules = new ArrayList<>();
      List<Integer> firstRows = new ArrayList<>();
      for (Placed document : documents) {
        schedules.add(new WeakReference<>(document.schedule()));
        firstRows.add(document.firstRow());
      }
      return new Key(schedules, firstRows, heads, tensorCores);
    }

    boolean isOf(List<Placed> documents, int heads, boolean tensorCores) {
      boolean alike =
          this.heads == heads
              && this.tensorCores == tensorCores
              && schedules.size() == documents.size();
      for (int i = 0; alike && i < documents.size(); i++) {
        Placed document = documents.get(i);
        alike =
            firstRows.get(i) == document.firstRow()
                && schedules.get(i).refersTo(document.schedule());
      }
      return alike;
    }
  }

  /**
   * Starts the launches of a batch.
   *
   * @param plan makes them, if they are not known
   */
  void start(
      List<Placed> documents,
      int heads,
      boolean tensorCores,
      Consumer<Consumer<AttentionLaunch>> plan,
      Consumer<AttentionLaunch> start) {
    for (Map.Entry<Key, List<AttentionLaunch>> known : kept.entrySet()) {
      if (known.getKey().isOf(documents, heads, tensorCores)) {
        known.getValue().forEach(start);
        return;
      }
    }
    Fresh fresh = new Fresh(start);
    try {
      plan.accept(fresh);
    } catch (RuntimeException e) {
      fresh.close();
      throw e;
    }
    if (fresh.bytes <= MOST_BYTES) {
      kept.put(Key.of(documents, heads, tensorCores), fresh.launches);
      if (kept.size() > MOST) {
        forget(kept.keySet().iterator().next());
      }
    }
  }

  private void forget(Key key) {
    kept.remove(key).forEach(AttentionLaunch::close);
  }

  void clear() {
    List.copyOf(kept.keySet()).forEach(this::forget);
  }

  /** Launches that start as they come, and are kept until they are too large together. */
  private static final class Fresh implements Consumer<AttentionLaunch> {
    private final Consumer<AttentionLaunch> start;
    private final List<AttentionLaunch> launches = new ArrayList<>();
    private long bytes;

    Fresh(Consumer<AttentionLaunch> start) {
      this.start = start;
    }

    @Override
    public void accept(AttentionLaunch launch) {
      launches.add(launch);
      bytes += launch.bytes();
      start.accept(launch);
      if (bytes > MOST_BYTES) {
        close();
      }
    }

    void close() {
      launches.forEach(AttentionLaunch::close);
      launches.clear();
    }
  }
}
