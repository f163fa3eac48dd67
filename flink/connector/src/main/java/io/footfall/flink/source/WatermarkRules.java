package io.footfall.flink.source;

import java.io.Serializable;
import java.time.Duration;

/**
 * How a table's watermark is made.
 *
 * @param versions the table holds versions, whose watermark says what has been read, not what rows
 *     say of time
 * @param idleTimeout how long a partition that is read to its end must be without rows to hold the
 *     watermark no more
 * @param quietMargin how far behind the wall clock the watermark follows when all partitions are
 *     quiet; null: it stands
 * @param interval time between two looks at the watermark
 * @param onEveryRow the watermark is looked at after every row, too
 * @param reason number of the column that says why a message could not be read; -1 for none
 */
record WatermarkRules(
    boolean versions,
    Duration idleTimeout,
    Duration quietMargin,
    Duration interval,
    boolean onEveryRow,
    int reason)
    implements Serializable {

  /** Returns what decides the watermark of one reader of the source. */
  SourceWatermarks watermarks(boolean bounded, int readers) {
    if (versions) {
      return new VersionWatermarks(bounded);
    }
    if (bounded) {
      return new BoundedWatermarks();
    }
    return new LiveWatermarks(
        System::currentTimeMillis,
        interval.toMillis(),
        idleTimeout.toMillis(),
        quietMargin == null ? null : quietMargin.toMillis(),
        readers > 1,
        System.nanoTime(),
        System.currentTimeMillis());
  }
}
