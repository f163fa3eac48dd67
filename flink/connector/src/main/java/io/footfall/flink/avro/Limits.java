package io.footfall.flink.avro;

import java.io.Serializable;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.flink.table.api.ValidationException;
import org.apache.flink.table.data.DecimalData;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.data.TimestampData;
import org.apache.flink.table.types.logical.DecimalType;
import org.apache.flink.table.types.logical.LogicalTypeRoot;
import org.apache.flink.table.types.logical.RowType;

/**
 * What a row that can be decoded must still hold to, lest one absurd value harms all others: a time far ahead would make every
 * row after it late, an amount beyond all sums would fit no result, nor would an id of a megabyte.
 */
final class Limits implements Serializable {

  private static final long serialVersionUID = 1L;

  /** Unscaled for a decimal. */
  private record Range(String name, int column, String text, long least, long most) implements Serializable {}

  private final Range[] ranges;
  private final int[] times;
  private final int[] texts;
  private final String[] names;
  private final long aheadMillis;
  private final int longestText;
  private long latest = Long.MIN_VALUE;

  /**
   * @param ranges {@code least..most} by column
   * @param ahead how far ahead of the clock a time may lie; null for any
   * @param longestText bytes of a text, which must then be without NUL; null for any
   */
  Limits(RowType table, Map<String, String> ranges, Duration ahead, Integer longestText) {
    this.ranges = ranges.entrySet().stream().map(each -> range(table, each.getKey(), each.getValue())).toArray(Range[]::new);
    this.names = table.getFieldNames().toArray(String[]::new);
    this.aheadMillis = ahead == null ? 0 : ahead.toMillis();
    this.times = ahead == null ? new int[0] : columns(table, LogicalTypeRoot.TIMESTAMP_WITHOUT_TIME_ZONE);
    this.longestText = longestText == null ? 0 : longestText;
    this.texts = longestText == null ? new int[0] : columns(table, LogicalTypeRoot.VARCHAR);
  }

  void check(GenericRowData row) {
    for (Range range : ranges) {
      Object value = row.getField(range.column);
      if (value != null) {
        long number = value instanceof DecimalData ? ((DecimalData) value).toUnscaledLong() : ((Number) value).longValue();
        if (number < range.least || number > range.most) {
          throw new UnreadableException(range.name + " is " + value + ", outside of " + range.text);
        }
      }
    }
    for (int column : times) {
      TimestampData time = (TimestampData) row.getField(column);
      if (time != null && time.getMillisecond() > latest) {
        checkTime(names[column], time.getMillisecond());
      }
    }
    for (int column : texts) {
      StringData text = (StringData) row.getField(column);
      if (text != null) {
        checkText(names[column], text.toBytes());
      }
    }
  }

  private void checkText(String name, byte[] text) {
    if (text.length > longestText) {
      throw new UnreadableException(name + " has " + text.length + " bytes, more than " + longestText);
    }
    for (byte each : text) {
      if (each == 0) {
        throw new UnreadableException(name + " has a NUL character, which not every store can hold");
      }
    }
  }

  private static int[] columns(RowType table, LogicalTypeRoot root) {
    return IntStream.range(0, table.getFieldCount())
        .filter(column -> table.getTypeAt(column).getTypeRoot() == root)
        .toArray();
  }

  /** Asks the clock only when a time is later than all that were allowed by it. */
  private void checkTime(String name, long time) {
    latest = System.currentTimeMillis() + aheadMillis;
    if (time > latest) {
      throw new UnreadableException(name + " is " + Instant.ofEpochMilli(time) + ", which lies in the future");
    }
  }

  private static Range range(RowType table, String name, String text) {
    int column = table.getFieldNames().indexOf(name);
    String[] ends = text.split("\\.\\.");
    if (column < 0 || ends.length != 2) {
      throw new ValidationException("limit of '" + name + "' is '" + text + "'; write least..most of a column");
    }
    switch (table.getTypeAt(column).getTypeRoot()) {
      case INTEGER:
      case BIGINT:
        return new Range(name, column, text, unscaled(ends[0], 0), unscaled(ends[1], 0));
      case DECIMAL:
        DecimalType type = (DecimalType) table.getTypeAt(column);
        if (!DecimalData.isCompact(type.getPrecision())) {
          throw new ValidationException("limit of '" + name + "': only numbers of up to 18 digits have one");
        }
        int scale = type.getScale();
        return new Range(name, column, text, unscaled(ends[0], scale), unscaled(ends[1], scale));
      default:
        throw new ValidationException("limit of '" + name + "': only numbers have one");
    }
  }

  private static long unscaled(String text, int scale) {
    try {
      return new BigDecimal(text.trim()).setScale(scale, RoundingMode.UNNECESSARY).unscaledValue().longValueExact();
    } catch (ArithmeticException | NumberFormatException wrong) {
      throw new ValidationException("'" + text + "' is no limit of a number with " + scale + " decimal places", wrong);
    }
  }
}
