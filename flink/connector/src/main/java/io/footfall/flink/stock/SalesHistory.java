package io.footfall.flink.stock;

import io.footfall.flink.clock.ShopClock;
import io.footfall.flink.state.StateBuffer;

/**
 * What one product sold from one warehouse, the older the less: a few sums, packed between two
 * rows.
 *
 * <p>Whenever an hour UTC is over, a part is kept of each sum. So a row costs the same however much
 * was sold before.
 */
final class SalesHistory {

  /** A stock that did not move for so long begins anew. */
  static final long FORGOTTEN = 28 * 24 * Rhythm.HOUR;

  /** Kept of what is an hour older: half of it after seven days. */
  private static final double KEPT = 0.9958826236582974;

  private long newest;
  private boolean inStock;
  private int sales;
  private double units;
  private double squares;
  private double sellingTime;
  private SalesByBlock blocks = new SalesByBlock();

  private SalesHistory(long newest) {
    this.newest = newest;
  }

  /** Makes what is remembered of it; `packed` is null when it has not been heard of before. */
  static SalesHistory of(byte[] packed, long time) {
    if (packed == null) {
      return new SalesHistory(time);
    }
    StateBuffer in = new StateBuffer(packed);
    SalesHistory history = new SalesHistory(in.readLong());
    history.inStock = in.readByte() == 1;
    history.sales = in.readSize();
    history.units = in.readDouble();
    history.squares = in.readDouble();
    history.sellingTime = in.readDouble();
    history.blocks = SalesByBlock.read(in);
    return history;
  }

  byte[] pack() {
    StateBuffer out = new StateBuffer();
    out.writeLong(newest);
    out.writeByte(inStock ? 1 : 0);
    out.writeSize(sales);
    out.writeDouble(units);
    out.writeDouble(squares);
    out.writeDouble(sellingTime);
    blocks.write(out);
    return out.toBytes();
  }

  /**
   * Notes an update; it is the newest.
   *
   * @param sold how many were sold; 0 if it was no sale
   * @param quantity how many are left
   * @param rhythm that holds now; the time since the update before is weighed by it
   */
  void add(long time, long sold, int quantity, Rhythm rhythm, ShopClock clock) {
    if (time - newest > FORGOTTEN) {
      forget();
    } else {
      // What is sold without stock could be sold all the time.
      pass(time, inStock || sold > 0 ? rhythm : null, clock);
    }
    newest = time;
    inStock = quantity > 0;
    if (sold > 0) {
      sales = Math.min(sales, Integer.MAX_VALUE - 1) + 1;
      units += sold;
      squares += (double) sold * sold;
      blocks.add(sold);
    }
  }

  /** Returns how many sales there were since it began. */
  int sales() {
    return sales;
  }

  double units() {
    return units;
  }

  double sellingTime() {
    return sellingTime;
  }

  /** Returns the variance of what is sold in a block of hours, divided by its mean. */
  double dispersion() {
    return blocks.dispersion(squares / units);
  }

  private void forget() {
    sales = 0;
    units = 0;
    squares = 0;
    sellingTime = 0;
    blocks = new SalesByBlock();
  }

  private void pass(long until, Rhythm rhythm, ShopClock clock) {
    for (long time = newest; time < until; ) {
      long hour = Math.floorDiv(time, Rhythm.HOUR) + 1;
      long next = Math.min(until, hour * Rhythm.HOUR);
      long passed = rhythm == null ? 0 : rhythm.sellingTime(clock, time, next);
      sellingTime += passed;
      blocks.pass(passed);
      if (next == hour * Rhythm.HOUR) {
        units *= KEPT;
        squares *= KEPT;
        sellingTime *= KEPT;
        blocks.endHour(hour, KEPT);
      }
      time = next;
    }
  }
}
