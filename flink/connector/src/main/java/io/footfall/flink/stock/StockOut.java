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
  /** So do those of which the years have left less than this. */
  private static final double LEAST_UNITS = 0.01;
  /** So do those of less selling time than ten minutes of an average hour. */
  private static final long SHORTEST = Rhythm.HOUR / 6 * Rhythm.AVERAGE;
  /** Nine cases out of ten lie below so many standard deviations. */
  private static final double Z = 1.2815515655446004;
  /** Half a sale more than were seen: Jeffreys' prior of a pace. */
  private static final double PRIOR = 0.5;
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
    double sellingTime = history.sellingTime();
    if (history.sales() < FEWEST_SALES || history.units() < LEAST_UNITS || sellingTime < SHORTEST) {
      return null;
    }
    double perHour = history.units() * (double) (Rhythm.HOUR * Rhythm.AVERAGE) / sellingTime;
    if (quantity <= 0) {
      return new StockOut(perHour, BEYOND, BEYOND, BEYOND);
    }
    long limit = time + FARTHEST;
    double dispersion = history.dispersion();
    double seen = history.units() + PRIOR * dispersion;
    double expected = sellingTime * quantity / seen;
    double demand = Math.max(LEAST_SHAPE, 1 / (dispersion / quantity + rhythm.variance()));
    double rate = Math.max(LEAST_SHAPE, seen / dispersion);
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
}
