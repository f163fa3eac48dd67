package io.footfall.flink.source;

import java.util.List;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * Watermarks of a source that goes on for ever: what is late is decided by the events, not by how
 * fast this machine reads.
 *
 * <p>A partition that has not spoken holds the watermark. It stops doing so, and so does one that
 * has no more to say, only when the broker, asked after it has been without rows for the idle
 * timeout, names an end that it has been read to. From then on it is quiet, and no other partition
 * passes it on old evidence: the smallest watermark of those that speak is noted, then the broker
 * is asked, and only if all quiet partitions are still read to their ends is it emitted. One that
 * has messages again holds the watermark until they are read.
 *
 * <p>A row ahead of the wall clock moves its partition's watermark no further than to the moment at
 * which the partition is known to have been read to its end: behind such a row there may still be a
 * backlog of rows in time.
 *
 * <p>When all partitions are quiet the watermark follows the wall clock behind a margin.
 */
final class LiveWatermarks extends SourceWatermarks {

  /**
   * Two ticks that lie further apart: the machine slept, or was too busy for what it did not hear
   * to mean anything.
   */
  private static final long SLEPT_MILLIS = 5_000;

  private static final long SLEPT_TICKS = 3;

  private final long idleNanos;
  private final long sleptMillis;
  private final Long quietMargin;
  private final Questions questions = new Questions();
  private final boolean mayHaveNoPartition;
  private final long startedAt;
  private boolean hasHistory;
  /** What is emitted if the question under way is answered as expected; NONE if nobody speaks. */
  private long candidate = Partition.NONE;

  private long lastTick;
  private long lastWall;
  private long openTransactions;

  /**
   * @param tickMillis how far apart ticks are meant to be
   * @param idleMillis how long a partition must be without rows to be quiet
   * @param quietMargin how far behind the wall clock the watermark follows when all are quiet, in
   *     milliseconds; null: it stands
   * @param mayHaveNoPartition there are other subtasks, which may have all partitions
   */
  LiveWatermarks(
      LongSupplier wallClock,
      long tickMillis,
      long idleMillis,
      Long quietMargin,
      boolean mayHaveNoPartition,
      long now,
      long wall) {
    super(wallClock, true);
    this.sleptMillis = Math.max(SLEPT_MILLIS, SLEPT_TICKS * tickMillis);
    this.idleNanos = idleMillis * 1_000_000;
    this.quietMargin = quietMargin;
    this.mayHaveNoPartition = mayHaveNoPartition;
    this.startedAt = now;
    this.lastTick = now;
    this.lastWall = wall;
  }

  @Override
  Partition assign(String id, boolean hadRows, long now) {
    hasHistory |= hadRows;
    return super.assign(id, hadRows, now);
  }

  @Override
  long tick(long now, long wall) {
    observe(wall);
    if (hasSlept(now, wall)) {
      questions.forget();
      partitions.values().forEach(each -> startAnew(each, now));
    }
    partitions.values().forEach(each -> listen(each, now));
    if (partitions.isEmpty()) {
      return mayHaveNoPartition && quietMargin != null && now - startedAt >= idleNanos
          ? wall - quietMargin
          : Partition.NONE;
    }
    return holding() == 0 && quiet() == 0 ? smallest(partitions.values()) : Partition.NONE;
  }

  @Override
  Question question(long now, long wall) {
    boolean asks = partitions.values().stream()
        .anyMatch(each -> each.quiet || isDue(each, now) || each.early > each.watermark);
    if (!asks) {
      return null;
    }
    boolean isHeldBack =
        partitions.values().stream().anyMatch(each -> !each.quiet && isDue(each, now));
    Question question = questions.next(Set.copyOf(partitions.keySet()), isHeldBack, now, wall);
    if (question != null) {
      List<Partition> speaking =
          partitions.values().stream().filter(each -> !each.quiet).toList();
      candidate = holding() > 0 ? Partition.NONE : smallest(speaking);
    }
    return question;
  }

  @Override
  long answer(Answer answer, long now) {
    Questions.Asked asked = questions.take(answer.id());
    if (asked == null) {
      return Partition.NONE;
    }
    boolean isConfirmed = true;
    openTransactions = 0;
    for (var entry : partitions.entrySet()) {
      Partition partition = entry.getValue();
      End end = answer.ends().get(entry.getKey());
      boolean wasQuiet = partition.quiet;
      if (end != null) {
        hear(partition, end, asked, now);
      }
      isConfirmed &= !wasQuiet || (end != null && partition.quiet && !partition.spoke);
    }
    return isConfirmed ? confirmed(asked) : Partition.NONE;
  }

  @Override
  long holding() {
    return partitions.values().stream().filter(LiveWatermarks::holds).count();
  }

  @Override
  long quiet() {
    return partitions.values().stream().filter(each -> each.quiet).count();
  }

  @Override
  long openTransactions() {
    return openTransactions;
  }

  @Override
  long holdsBack(Partition partition) {
    return holds(partition) ? Partition.NONE : partition.effective();
  }

  private boolean hasSlept(long now, long wall) {
    long step = (now - lastTick) / 1_000_000;
    // A suspended machine's monotonic clock may stand still; its wall clock tells then.
    boolean slept = step > sleptMillis || Math.abs(wall - lastWall - step) > SLEPT_MILLIS;
    lastTick = now;
    lastWall = wall;
    return slept;
  }

  private static void startAnew(Partition partition, long now) {
    partition.quiet = false;
    partition.heldUntil = -1;
    partition.since = now;
  }

  private void listen(Partition partition, long now) {
    if (partition.spoke) {
      startAnew(partition, now);
      partition.spoke = false;
      hasHistory = true;
    } else if (partition.heldUntil >= 0 && partition.read >= partition.heldUntil) {
      // It woke up to nothing that has a time, such as the marker of a transaction.
      partition.heldUntil = -1;
      partition.quiet = true;
    }
  }

  private void hear(Partition partition, End end, Questions.Asked asked, long now) {
    partition.end(end.high(), asked.wall());
    boolean isRead = partition.read >= end.high();
    if (!isRead
        && end.stable() >= 0
        && end.stable() < end.high()
        && partition.read >= end.stable()) {
      openTransactions++;
    }
    if (partition.quiet && !isRead) {
      partition.quiet = false;
      partition.heldUntil = end.high();
      partition.since = now;
    } else if (!partition.quiet && isRead && !partition.spoke && isDue(partition, asked.now())) {
      partition.quiet = true;
      partition.heldUntil = -1;
    }
  }

  private long confirmed(Questions.Asked asked) {
    if (holding() > 0) {
      return Partition.NONE;
    }
    if (candidate != Partition.NONE) {
      return candidate;
    }
    boolean isAllQuiet = partitions.values().stream().allMatch(each -> each.quiet);
    return isAllQuiet && hasHistory && quietMargin != null
        ? asked.wall() - quietMargin
        : Partition.NONE;
  }

  private boolean isDue(Partition partition, long now) {
    return now - partition.since >= idleNanos;
  }

  private static boolean holds(Partition partition) {
    return !partition.quiet
        && (partition.heldUntil >= 0 || partition.effective() == Partition.NONE);
  }
}
