package io.footfall.flink.avro;

import java.math.BigDecimal;
import java.math.BigInteger;

/** What Avro's logical types allow, and what a calendar of years 1 to 9999 does: SQL's, Python's and most databases'. */
final class LogicalValues {

  private static final int FIRST_DAY = -719_162;
  private static final int LAST_DAY = 2_932_896;
  private static final long DAY_MILLIS = 86_400_000L;

  private LogicalValues() {}

  static long millis(long millis) {
    if (millis < FIRST_DAY * DAY_MILLIS || millis >= (LAST_DAY + 1) * DAY_MILLIS) {
      throw new UnreadableException("a time outside of the years 1 to 9999");
    }
    return millis;
  }

  static long micros(long micros) {
    return millis(Math.floorDiv(micros, 1000L));
  }

  static int day(int day) {
    if (day < FIRST_DAY || day > LAST_DAY) {
      throw new UnreadableException("a date outside of the years 1 to 9999");
    }
    return day;
  }

  static BigDecimal decimal(byte[] unscaled, int precision, int scale) {
    if (unscaled.length == 0) {
      throw new UnreadableException("a decimal without digits");
    }
    BigDecimal value = new BigDecimal(new BigInteger(unscaled), scale);
    if (value.precision() > precision) {
      throw new UnreadableException("a decimal of more than " + precision + " digits");
    }
    return value;
  }
}
