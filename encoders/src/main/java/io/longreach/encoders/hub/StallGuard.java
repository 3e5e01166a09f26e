package io.longreach.encoders.hub;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * Breaks a connection that has gone silent: the client's own timeout ends with the answer's head,
 * and a body that stops arriving would be waited for without end.
 */
final class StallGuard extends FilterInputStream {
  private static final ScheduledExecutorService CLOCK =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "longreach-hub-stall-guard");
            thread.setDaemon(true);
            return thread;
          });

  private final Duration patience;

  StallGuard(InputStream in, Duration patience) {
    super(in);
    this.patience = patience;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    ScheduledFuture<?> alarm =
        CLOCK.schedule(this::interrupt, patience.toMillis(), TimeUnit.MILLISECONDS);
    try {
      return super.read(bytes, offset, length);
    } finally {
      alarm.cancel(false);
    }
  }

  /** Closing makes the reader that waits fail. */
  private void interrupt() {
    try {
      in.close();
    } catch (IOException e) {
      // The reader reports what became of the connection.
    }
  }
}
