package io.footfall.flink.source;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * Decides a source's watermark. Knows neither Flink nor Kafka; all calls come from the source's
 * task thread, in the order in which rows are emitted.
 *
 * <p>Times named {@code now} are nanoseconds of the monotonic clock, those named {@code wall}
 * milliseconds since 1970.
 */
abstract class SourceWatermarks {

  /** Question for the partitions' ends, as the broker has them now. */
  record Question(long id, Set<String> partitions, boolean withStableEnds) {}

  /**
   * Answer to a question.
   *
   * @param ends by partition, the offset behind the last message, and behind the last that no open
   *     transaction holds back (-1 where it was not asked for); partitions of which nothing was
   *     heard are missing
   */
  record Answer(long id, Map<String, End> ends) {}

  /** Where a partition ends. */
  record End(long high, long stable) {}

  /**
   * The partition that the watermark is behind at, and how far it is: {@link Partition#NONE} while
   * it has not spoken.
   */
  record Slowest(String partition, long watermark) {}

  final Map<String, Partition> partitions = new LinkedHashMap<>();
  private final LongSupplier wallClock;
  private final boolean capsAtWallClock;
  private long wall = Long.MIN_VALUE;

  /**
   * @param wallClock asked when a row may be ahead of it
   * @param capsAtWallClock whether a row ahead of the wall clock must wait for it to move the
   *     watermark
   */
  SourceWatermarks(LongSupplier wallClock, boolean capsAtWallClock) {
    this.wallClock = wallClock;
    this.capsAtWallClock = capsAtWallClock;
  }

  /** Takes a partition in. {@code hasHistory}: it was read before this start, and had rows. */
  Partition assign(String id, boolean hasHistory, long now) {
    Partition partition = new Partition();
    partition.since = now;
    partitions.put(id, partition);
    return partition;
  }

  /** Forgets a partition of which everything has been read that will be. */
  void release(String id) {
    partitions.remove(id);
  }

  /**
   * Notes that a row with this watermark came, and tells whether {@link #row} must be told of it.
   * Called for every row.
   */
  final boolean isNews(Partition partition, long watermark) {
    partition.spoke = true;
    if (watermark <= partition.watermark) {
      return false;
    }
    if (!capsAtWallClock) {
      partition.watermark = watermark;
      return false;
    }
    return true;
  }

  /** Takes in a row whose watermark is newer than its partition's. */
  final void row(Partition partition, long watermark, long time) {
    if (time > wall) {
      wall = wallClock.getAsLong();
      if (time > wall) {
        if (watermark > partition.early) {
          partition.early = watermark;
          partition.earlyDelay = time - watermark;
        }
        return;
      }
    }
    partition.watermark = watermark;
  }

  /** Notes the wall clock: rows up to it are not ahead. */
  final void observe(long wallNow) {
    wall = wallNow;
  }

  /** Notes how far a partition has been read: every row before has been emitted. */
  void read(String id, long position) {
    Partition partition = partitions.get(id);
    if (partition != null) {
      partition.read(position);
    }
  }

  /** Returns what the watermark may be now, {@link Partition#NONE} if nothing new is known. */
  abstract long tick(long now, long wall);

  /**
   * Returns what must be asked now, null for nothing. One at a time: the next when this is
   * answered.
   */
  Question question(long now, long wall) {
    return null;
  }

  /**
   * Takes an answer, and returns what the watermark may be now; an answer to an old question
   * changes nothing.
   */
  long answer(Answer answer, long now) {
    return Partition.NONE;
  }

  /** Partitions that everything waits for. */
  long holding() {
    return 0;
  }

  /** Partitions that take no part. */
  long quiet() {
    return 0;
  }

  /** Partitions with messages that an open transaction holds back. */
  long openTransactions() {
    return 0;
  }

  /** The partition that the watermark waits for; one without a name if none takes part. */
  final Slowest slowest() {
    return partitions.entrySet().stream()
        .filter(each -> !each.getValue().quiet)
        .min(Comparator.comparing(each -> holdsBack(each.getValue())))
        .map(each -> new Slowest(each.getKey(), each.getValue().effective()))
        .orElse(new Slowest("", Partition.NONE));
  }

  /** How far a partition lets the watermark go, whatever else it has said. */
  long holdsBack(Partition partition) {
    return partition.effective();
  }

  /** The smallest of the partitions' watermarks; none if one has none. */
  static long smallest(Iterable<Partition> partitions) {
    long smallest = Long.MAX_VALUE;
    for (Partition each : partitions) {
      smallest = Math.min(smallest, each.effective());
    }
    return smallest == Long.MAX_VALUE ? Partition.NONE : smallest;
  }
}
