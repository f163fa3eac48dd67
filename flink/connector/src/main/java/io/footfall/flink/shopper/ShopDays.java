package io.footfall.flink.shopper;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;

/** Days of the shop's time zone. The last day asked for is remembered: nearly every row is of the same one. */
final class ShopDays {

  /** Length of the slots by which a day's visitors are counted. */
  static final long SLOT = 10 * 60 * 1000L;

  private final ZoneId zone;
  private int epochDay;
  private long begin;
  private long end;

  ShopDays(ZoneId zone) {
    this.zone = zone;
  }

  long begin(long time) {
    find(time);
    return begin;
  }

  long end(long time) {
    find(time);
    return end;
  }

  /** Days since 1970. */
  int epochDay(long time) {
    find(time);
    return epochDay;
  }

  static long slotEnd(long time, long begin) {
    return begin + ((time - begin) / SLOT + 1) * SLOT;
  }

  private void find(long time) {
    if (time >= begin && time < end) {
      return;
    }
    LocalDate day = Instant.ofEpochMilli(time).atZone(zone).toLocalDate();
    epochDay = (int) day.toEpochDay();
    begin = day.atStartOfDay(zone).toInstant().toEpochMilli();
    end = day.plusDays(1).atStartOfDay(zone).toInstant().toEpochMilli();
  }
}
