package io.footfall.flink.stock;

import io.footfall.flink.clock.ShopClock;
import io.footfall.flink.state.StateBuffer;
import java.util.Arrays;

/**
 * How much the shop sells in each hour of its day, in thousandths of an average hour, and how much
 * its days differ.
 *
 * <p>A selling time is time weighed by that: one of {@code 1000 * 3_600_000} is what an average
 * hour sells in.
 */
final class Rhythm {

  static final int HOURS = 24;
  static final long HOUR = 3_600_000;
  /** Weight of an average hour. */
  static final int AVERAGE = 1000;
  /** So many sales of each hour are made up: a shop that has sold little has no rhythm yet. */
  private static final int MADE_UP = 2;

  private final int[] weights;

  private final int variance;

  private Rhythm(int[] weights, int variance) {
    this.weights = weights;
    this.variance = variance;
  }

  /**
   * Smoothes sales by hour of the day: an hour counts double, each of its neighbours once.
   *
   * @param sales numbers of sales in each hour of the clock
   * @param variance of the sales of its days, in thousandths of the square of their mean
   */
  static Rhythm of(long[] sales, int variance) {
    long[] smooth = new long[HOURS];
    for (int hour = 0; hour < HOURS; hour++) {
      long around = sales[(hour + HOURS - 1) % HOURS] + sales[(hour + 1) % HOURS];
      smooth[hour] = around + 2 * sales[hour] + 4 * MADE_UP;
    }
    long all = Arrays.stream(smooth).sum();
    int[] weights = new int[HOURS];
    for (int hour = 0; hour < HOURS; hour++) {
      weights[hour] = (int) Math.max(1, smooth[hour] * HOURS * AVERAGE / all);
    }
    return new Rhythm(weights, variance);
  }

  static Rhythm read(byte[] bytes) {
    StateBuffer in = new StateBuffer(bytes);
    int[] weights = new int[HOURS];
    for (int hour = 0; hour < HOURS; hour++) {
      weights[hour] = in.readSize();
    }
    return new Rhythm(weights, in.readSize());
  }

  byte[] toBytes() {
    StateBuffer out = new StateBuffer();
    for (int weight : weights) {
      out.writeSize(weight);
    }
    out.writeSize(variance);
    return out.toBytes();
  }

  int weight(int hour) {
    return weights[hour];
  }

  /** Returns the relative variance of days beyond chance. */
  double variance() {
    return variance / 1000.0;
  }

  /** Returns the selling time between two times. */
  long sellingTime(ShopClock clock, long from, long to) {
    long sum = 0;
    for (long time = from; time < to; ) {
      long next = Math.min(to, clock.end(time, HOUR));
      sum += (next - time) * weightAt(clock, time);
      time = next;
    }
    return sum;
  }

  /**
   * Returns when so much selling time has passed; {@link Long#MAX_VALUE} if that is after the
   * limit.
   */
  long after(ShopClock clock, long from, long sellingTime, long limit) {
    long left = sellingTime;
    for (long time = from; time < limit; ) {
      long next = clock.end(time, HOUR);
      int weight = weightAt(clock, time);
      long passes = (next - time) * weight;
      if (passes >= left) {
        long end = time + -Math.floorDiv(-left, (long) weight);
        return end <= limit ? end : Long.MAX_VALUE;
      }
      left -= passes;
      time = next;
    }
    return Long.MAX_VALUE;
  }

  private int weightAt(ShopClock clock, long time) {
    return weights[(int) Math.floorMod(Math.floorDiv(clock.local(time), HOUR), (long) HOURS)];
  }
}
