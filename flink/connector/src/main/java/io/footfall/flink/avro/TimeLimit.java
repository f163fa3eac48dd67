package io.footfall.flink.avro;

import java.io.Serializable;
import java.time.Duration;
import java.time.Instant;
import java.util.stream.IntStream;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.TimestampData;
import org.apache.flink.table.types.logical.LogicalTypeRoot;
import org.apache.flink.table.types.logical.RowType;

/**
 * How far ahead of the clock a row's times may lie: a time far ahead would make every row after it
 * late.
 */
final class TimeLimit implements Serializable {

  private static final long serialVersionUID = 1L;

  private final int[] times;
  private final String[] names;
  private final long aheadMillis;
  private long latest = Long.MIN_VALUE;

  /** @param ahead null for any */
  TimeLimit(RowType table, Duration ahead) {
    this.names = table.getFieldNames().toArray(String[]::new);
    this.aheadMillis = ahead == null ? 0 : ahead.toMillis();
    this.times = IntStream.range(0, ahead == null ? 0 : table.getFieldCount())
        .filter(column -> table.getTypeAt(column).is(LogicalTypeRoot.TIMESTAMP_WITHOUT_TIME_ZONE))
        .toArray();
  }

  void check(GenericRowData row) {
    for (int column : times) {
      TimestampData time = (TimestampData) row.getField(column);
      if (time != null && time.getMillisecond() > latest) {
        check(names[column], time.getMillisecond());
      }
    }
  }

  /** Asks the clock only when a time is later than all that were allowed by it. */
  private void check(String name, long time) {
    latest = System.currentTimeMillis() + aheadMillis;
    if (time > latest) {
      throw new UnreadableException(
          name + " is " + Instant.ofEpochMilli(time) + ", which lies in the future");
    }
  }
}
