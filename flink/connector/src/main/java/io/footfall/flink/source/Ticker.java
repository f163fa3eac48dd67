package io.footfall.flink.source;

import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Says again and again that it is time to look at the watermark, and wakes the reader for it. */
final class Ticker implements AutoCloseable {

  private final ScheduledExecutorService timer;
  private final Runnable wake;
  private volatile boolean rings;
  private volatile boolean due;
  private volatile boolean answered;

  /**
   * Begins to tick.
   *
   * @param wake called on a thread of the ticker's own, at every tick and every answer
   */
  @SuppressWarnings("FutureReturnValueIgnored") // it ends with the timer
  Ticker(long intervalMillis, String name, Runnable wake) {
    this.wake = wake;
    this.timer = Executors.newSingleThreadScheduledExecutor(task -> {
      Thread thread = new Thread(task, name);
      thread.setDaemon(true);
      return thread;
    });
    timer.scheduleWithFixedDelay(this::tick, intervalMillis, intervalMillis, TimeUnit.MILLISECONDS);
  }

  private void tick() {
    due = true;
    rings = true;
    wake.run();
  }

  /** Makes it time to look at answers. */
  void answered() {
    answered = true;
    rings = true;
    wake.run();
  }

  /** Whether there is anything to do; asking ends it. Asked for every row. */
  boolean rings() {
    if (!rings) {
      return false;
    }
    rings = false;
    return true;
  }

  /** Whether there are answers; asking ends it. */
  boolean isAnswered() {
    if (!answered) {
      return false;
    }
    answered = false;
    return true;
  }

  /** Whether the interval has passed; asking ends it. */
  boolean isDue() {
    if (!due) {
      return false;
    }
    due = false;
    return true;
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
