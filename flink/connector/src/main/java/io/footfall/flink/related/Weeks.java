package io.footfall.flink.related;

/**
 * A co-view of one week counts half as much as one of the week after. Counts are kept relative to a
 * week of their own, never to a fixed one: a few decades away from that, powers of two leave the
 * range of a double.
 */
final class Weeks {

  private static final long DAY = 86_400_000L;
  private static final long WEEK = 7 * DAY;
  /** 5 January 1970, a Monday. */
  private static final long A_MONDAY = 4 * DAY;
  /** Nothing that was counted is left after so many halvings. */
  private static final long ALL = 4096;

  private Weeks() {}

  /** Returns when the week began, on Monday in UTC; milliseconds since the epoch. */
  static long begin(long moment) {
    return moment - Math.floorMod(moment - A_MONDAY, WEEK);
  }

  /**
   * Returns what is left, in the week that began then, of a count of the week of another moment.
   */
  static double left(double count, long counted, long begin) {
    if (counted >= begin && counted < begin + WEEK) {
      return count;
    }
    long weeks = Math.floorDiv(counted - begin, WEEK);
    return Math.scalb(count, (int) Math.max(-ALL, Math.min(ALL, weeks)));
  }
}
