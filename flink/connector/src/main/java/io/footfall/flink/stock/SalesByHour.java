package io.footfall.flink.stock;

import io.footfall.flink.state.StateBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** How many sales the whole shop had in each hour of its last days, by its own clock. */
final class SalesByHour {

  /** So many whole days say what the rhythm of the next one is. */
  static final int DAYS = 7;

  /** So many days are made up that differ as those of a shop usually do: by a sixth. */
  private static final int USUAL_DAYS = 3;

  private static final double USUAL_VARIANCE = 0.03;

  private static final int NONE = Integer.MIN_VALUE;

  /** The first day of all began before there was anybody to count. */
  private int firstDay = NONE;

  private final TreeMap<Integer, long[]> days = new TreeMap<>();

  static SalesByHour of(byte[] packed) {
    SalesByHour sales = new SalesByHour();
    if (packed == null) {
      return sales;
    }
    StateBuffer in = new StateBuffer(packed);
    sales.firstDay = in.readInt();
    while (in.hasMore()) {
      long[] hours = new long[Rhythm.HOURS];
      sales.days.put(in.readInt(), hours);
      for (int hour = 0; hour < Rhythm.HOURS; hour++) {
        hours[hour] = in.readLong();
      }
    }
    return sales;
  }

  byte[] pack() {
    StateBuffer out = new StateBuffer();
    out.writeInt(firstDay);
    days.forEach((day, hours) -> {
      out.writeInt(day);
      for (long sales : hours) {
        out.writeLong(sales);
      }
    });
    return out.toBytes();
  }

  /**
   * Counts a sale.
   *
   * @param day day that the shop's clock shows, counted from 1970
   * @param hour hour that it shows
   */
  void add(int day, int hour) {
    if (firstDay == NONE) {
      firstDay = day;
    }
    days.computeIfAbsent(day, any -> new long[Rhythm.HOURS])[hour]++;
    // A clock that is set back just after midnight shows the day before once more.
    days.headMap(day - DAYS - 1).clear();
  }

  /** Returns the rhythm of a day: that of the whole days before it. */
  Rhythm rhythm(int day) {
    long[] sum = new long[Rhythm.HOURS];
    List<Long> totals = new ArrayList<>();
    for (Map.Entry<Integer, long[]> each : days.subMap(day - DAYS, day).entrySet()) {
      if (each.getKey() > firstDay) {
        for (int hour = 0; hour < Rhythm.HOURS; hour++) {
          sum[hour] += each.getValue()[hour];
        }
        totals.add(Arrays.stream(each.getValue()).sum());
      }
    }
    return Rhythm.of(sum, variance(totals));
  }

  /** Relative variance beyond chance, in thousandths, 1000 at most. */
  private static int variance(List<Long> totals) {
    int days = totals.size() > 1 ? totals.size() : 0;
    double excess = 0;
    if (days > 0) {
      double mean = (double) totals.stream().mapToLong(Long::longValue).sum() / days;
      double deviations = 0;
      for (long total : totals) {
        deviations += (total - mean) * (total - mean);
      }
      excess = Math.max(0, (deviations / (days - 1) - mean) / (mean * mean));
    }
    double mixed = (days * excess + USUAL_DAYS * USUAL_VARIANCE) / (days + USUAL_DAYS);
    return (int) Math.floor(1000 * Math.min(1, mixed));
  }
}
