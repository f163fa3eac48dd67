package io.footfall.flink.source;

/** What a source knows of one of its partitions. Belongs to the source's task thread. */
final class Partition {

  /** No watermark: smaller than all. */
  static final long NONE = Long.MIN_VALUE;

  /** Newest watermark of the partition's rows that are not ahead of the wall clock. */
  long watermark = NONE;
  /**
   * Newest watermark of its rows that are: it counts once the clock has got there (see
   * {@link LiveWatermarks}).
   */
  long early = NONE;
  /** How far the early row's watermark lies behind its time. */
  long earlyDelay;
  /** The consumer's position once every row before it has been emitted; -1 until it is known. */
  long read = -1;
  /** A row with a time has come since the last tick. */
  boolean spoke;

  /**
   * Wall clock of the newest question to which {@code read} has been the answer: all that was there
   * then has been read.
   */
  long provenAt = NONE;

  private long awaitedEnd = -1;
  private long awaitedSince;

  /** Takes no part: read to its end and without rows for the idle timeout. */
  boolean quiet;
  /**
   * Offset to read to before a partition that was quiet and has messages again may be without a
   * row; -1 for none.
   */
  long heldUntil = -1;
  /** When it was assigned, last had a row, or woke up (nanoseconds of the monotonic clock). */
  long since;

  /** Notes how far it has been read. */
  void read(long position) {
    read = position;
    if (awaitedEnd >= 0 && read >= awaitedEnd) {
      provenAt = awaitedSince;
      awaitedEnd = -1;
    }
  }

  /**
   * Notes where it ended when asked; the oldest end that has not been reached stays what is waited
   * for.
   */
  void end(long offset, long askedAt) {
    if (read >= offset) {
      provenAt = Math.max(provenAt, askedAt);
      awaitedEnd = -1;
    } else if (awaitedEnd < 0) {
      awaitedEnd = offset;
      awaitedSince = askedAt;
    }
  }

  /** What it lets the source's watermark be; {@link #NONE} while it has not spoken. */
  long effective() {
    if (early <= watermark || provenAt == NONE) {
      return watermark;
    }
    return Math.max(watermark, Math.min(early, provenAt - earlyDelay));
  }
}
