package io.footfall.flink.stock;

import io.footfall.flink.clock.ShopClock;

/**
 * When a stock will have been sold: docs/forecasts.md says how and why.
 *
 * <p>Only sums, products, quotients and roots of doubles, in a fixed order: every machine gets the
 * same bits.
 *
 * @param salesPerHour units sold in an average hour of the day
 * @param at when the stock will be out as likely earlier as later; milliseconds since 1970,
 *     {@link #BEYOND} where that is too far away or there is no stock
 * @param earliest it is out before this in one case out of ten
 * @param latest it is out after this in one case out of ten
 */
record StockOut(double salesPerHour, long at, long earliest, long latest) {

  /** No time: too far away to be told. */
  static final long BEYOND = Long.MAX_VALUE;
  /** Nothing is foretold after so long. */
  static final long FARTHEST = 14 * 24 * Rhythm.HOUR;

  /** Fewer sales than this say nothing. */
  private static final int FEWEST_SALES = 5;
  /** So do those of less selling time than ten minutes of an average hour. */
  private static final long SHORTEST = Rhythm.HOUR / 6 * Rhythm.AVERAGE;
  /** So many of the newest sales say how fast it sells now. */
  private static final int EVIDENCE = 100;
  /** Nine cases out of ten lie below so many standard deviations. */
  private static final double Z = 1.2815515655446004;
  /** Half a sale more than were seen: Jeffreys' prior of a rate. */
  private static final double PRIOR = 0.5;
  /** What the relative variance of a rate is taken to be before anything is known of it. */
  private static final double USUAL_VARIANCE = 0.02;
  /** Longest block of hours by which the variance is measured. */
  private static final int LONGEST_BLOCK = 12;
  /** Below this shape the approximation of a gamma distribution fails. */
  private static final double LEAST_SHAPE = 0.5;

  private static final double ENDLESS = 1e15;

  /**
   * Returns the forecast; null when too little has been sold to make one.
   *
   * @param history what was sold up to now, this moment's sale included
   * @param time now
   * @param quantity units left
   */
  static StockOut of(
      SalesHistory history, Rhythm rhythm, ShopClock clock, long time, int quantity) {
    Sold sold = Sold.of(history, rhythm, clock, time);
    if (sold.sales < FEWEST_SALES || sold.sellingTime < SHORTEST) {
      return null;
    }
    double perHour = sold.units * (double) (Rhythm.HOUR * Rhythm.AVERAGE) / sold.sellingTime;
    if (quantity <= 0) {
      return new StockOut(perHour, BEYOND, BEYOND, BEYOND);
    }
    long limit = time + FARTHEST;
    double clump = (double) sold.squares / sold.allUnits;
    double evidence = sold.units + PRIOR * clump;
    double expected = sold.sellingTime * (double) quantity / evidence;
    long middle = after(rhythm, clock, time, expected, limit);
    double ahead = middle == BEYOND ? 24.0 : (middle - time) / (double) Rhythm.HOUR;
    int block = (int) Math.max(1, Math.min(LONGEST_BLOCK, Math.ceil(ahead)));
    double variance = sold.variance(block, clump);
    double varianceAhead = ahead <= block ? variance : variance * block / ahead;
    double varianceBehind = sold.hours <= block ? variance : variance * block / sold.hours;
    double demand =
        Math.max(LEAST_SHAPE, 1 / (clump / quantity + varianceAhead + rhythm.variance()));
    double rate = Math.max(LEAST_SHAPE, 1 / (clump / evidence + varianceBehind));
    return new StockOut(
        perHour,
        minute(after(rhythm, clock, time, expected * quantile(demand, rate, 0), limit)),
        minute(after(rhythm, clock, time, expected * quantile(demand, rate, -Z), limit)),
        minute(after(rhythm, clock, time, expected * quantile(demand, rate, Z), limit)));
  }

  /**
   * Quantile of the quotient of two gamma distributed numbers of mean 1, each by the cube of a
   * normal one (Wilson and Hilferty 1931), the quotient by Fieller's theorem.
   */
  static double quantile(double shape, double otherShape, double z) {
    double one = 1 / (9 * shape);
    double other = 1 / (9 * otherShape);
    double mean = 1 - one;
    double otherMean = 1 - other;
    double divisor = otherMean * otherMean - z * z * other;
    double root = mean * mean * other + otherMean * otherMean * one - z * z * one * other;
    double cube = (mean * otherMean + z * Math.sqrt(root)) / divisor;
    return cube <= 0 ? 0 : cube * cube * cube;
  }

  private static long after(
      Rhythm rhythm, ShopClock clock, long time, double sellingTime, long limit) {
    return sellingTime > ENDLESS
        ? BEYOND
        : rhythm.after(clock, time, (long) Math.ceil(sellingTime), limit);
  }

  private static long minute(long time) {
    return time == BEYOND ? BEYOND : -Math.floorDiv(-time, 60_000L) * 60_000L;
  }

  /** What has been sold, hour by hour, the newest first. */
  private static final class Sold {
    private final long[] unitsByHour = new long[SalesHistory.HOURS + 1];
    private final long[] timeByHour = new long[SalesHistory.HOURS + 1];
    private int allHours;
    private long allUnits;
    private long allTime;
    private long squares;
    /** Of the newest hours with enough sales. */
    private int hours;

    private int sales;
    private long units;
    private long sellingTime;

    static Sold of(SalesHistory history, Rhythm rhythm, ShopClock clock, long now) {
      Sold sold = new Sold();
      long newest = Math.floorDiv(now, Rhythm.HOUR);
      long first = Math.max(history.since, (newest - SalesHistory.HOURS) * Rhythm.HOUR);
      long end = now;
      for (long at = newest; at == newest || end > first; at--) {
        long start = Math.max(first, at * Rhythm.HOUR);
        sold.add(history.at(at), rhythm.sellingTime(clock, start, end), end - start);
        end = start;
      }
      return sold;
    }

    private void add(SalesHistory.Hour hour, long whole, long length) {
      long time = whole;
      boolean isEvidence = sales < EVIDENCE;
      if (hour != null) {
        time = hour.without == 0 ? whole : whole * (length - hour.without) / length;
        unitsByHour[allHours] = hour.units;
        allUnits += hour.units;
        squares += hour.squares;
      }
      timeByHour[allHours] = time;
      allTime += time;
      allHours++;
      if (isEvidence) {
        hours++;
        sellingTime += time;
        sales += hour == null ? 0 : hour.sales;
        units += hour == null ? 0 : hour.units;
      }
    }

    /** Relative variance of the rate from block to block of hours, beyond what chance explains. */
    double variance(int block, double clump) {
      double deviations = 0;
      double expectations = 0;
      double expectedSquares = 0;
      int blocks = 0;
      for (int start = 0; start + block <= allHours; start += block) {
        long sum = 0;
        long time = 0;
        for (int hour = start; hour < start + block; hour++) {
          sum += unitsByHour[hour];
          time += timeByHour[hour];
        }
        double expected = allUnits * (double) time / allTime;
        deviations += (sum - expected) * (sum - expected);
        expectations += expected;
        expectedSquares += expected * expected;
        blocks++;
      }
      if (blocks < 2 || expectedSquares == 0) {
        return USUAL_VARIANCE;
      }
      double usual = expectedSquares / blocks;
      double excess = deviations * blocks / (blocks - 1) - clump * expectations;
      return Math.max(0, excess + USUAL_VARIANCE * usual) / (expectedSquares + usual);
    }
  }
}
