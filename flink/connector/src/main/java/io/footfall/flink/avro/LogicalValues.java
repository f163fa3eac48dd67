package io.footfall.flink.avro;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;

/**
 * What Avro's logical types allow, and what a calendar of years 1 to 9999 does: SQL's, Python's and
 * most databases'.
 */
final class LogicalValues {

  private static final int FIRST_DAY = -719_162;
  private static final int LAST_DAY = 2_932_896;
  private static final long DAY_MILLIS = 86_400_000L;
  /** More bytes would take long to look at, and hold no number that fits. */
  private static final int LONGEST_DECIMAL = 64;

  private LogicalValues() {}

  static long millis(long millis, String name) {
    if (millis < FIRST_DAY * DAY_MILLIS || millis >= (LAST_DAY + 1) * DAY_MILLIS) {
      throw new UnreadableException(name + " is outside of the years 1 to 9999");
    }
    return millis;
  }

  static int day(int day, String name) {
    if (day < FIRST_DAY || day > LAST_DAY) {
      throw new UnreadableException(name + " is outside of the years 1 to 9999");
    }
    return day;
  }

  /** The number that the bytes are, which must be one of the writer's digits. */
  static BigDecimal decimal(byte[] unscaled, Meaning writer, String name) {
    if (unscaled.length == 0) {
      throw new UnreadableException(name + " is a decimal without digits");
    }
    if (unscaled.length > LONGEST_DECIMAL) {
      throw new UnreadableException(name + " is a decimal of " + unscaled.length + " bytes");
    }
    BigDecimal value = new BigDecimal(new BigInteger(unscaled), writer.scale());
    if (value.precision() > writer.precision()) {
      throw new UnreadableException(
          name + " is a decimal of more than " + writer.precision() + " digits");
    }
    return value;
  }

  /** The same number with the reader's decimal places: none is rounded away. */
  static BigDecimal rescaled(BigDecimal value, int precision, int scale, String name) {
    BigDecimal rescaled;
    try {
      rescaled = value.setScale(scale, RoundingMode.UNNECESSARY);
    } catch (ArithmeticException inexact) {
      throw new UnreadableException(name + " is " + value.toPlainString() + ", which has more than "
          + scale + " decimal places");
    }
    if (rescaled.precision() > precision) {
      throw new UnreadableException(name + " is " + rescaled.toPlainString()
          + ", which has more than " + precision + " digits");
    }
    return rescaled;
  }

  /**
   * The number of so many decimal places that a binary number stands for: the one whose nearest
   * binary number it is.
   */
  static BigDecimal decimal(double value, boolean isSingle, int scale, String name) {
    if (Double.isFinite(value)) {
      BigDecimal nearest = new BigDecimal(value).setScale(scale, RoundingMode.HALF_EVEN);
      if (isSingle
          ? (float) nearest.doubleValue() == (float) value
          : nearest.doubleValue() == value) {
        return nearest;
      }
    }
    throw new UnreadableException(
        name + " is a binary number that stands for none of " + scale + " decimal places");
  }
}
