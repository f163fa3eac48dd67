package io.footfall.flink.stock;

import io.footfall.flink.state.StateBuffer;
import java.util.TreeMap;

/** What one product sold from one warehouse in each of the last hours, packed between two rows. */
final class SalesHistory {

  /** Hours that are remembered, besides the one that has begun: seven days. */
  static final int HOURS = 168;

  /** A sale of more units than this is as clumped as one can be. */
  private static final long BULK = 1_000_000;

  private static final long IN_STOCK = Long.MIN_VALUE;

  /** One hour, UTC. */
  static final class Hour {
    /** How many sales. */
    int sales;
    /** How many units. */
    long units;
    /** Sum of the squares of the sales' units, none of more than {@link #BULK}. */
    long squares;
    /** Milliseconds without stock. */
    int without;
  }

  /** When the stock was first heard of. */
  final long since;

  private long outSince = IN_STOCK;
  private final TreeMap<Long, Hour> hours = new TreeMap<>();

  private SalesHistory(long since) {
    this.since = since;
  }

  /** Makes what is remembered of it; `packed` is null when it has not been heard of before. */
  static SalesHistory of(byte[] packed, long time) {
    if (packed == null) {
      return new SalesHistory(time);
    }
    StateBuffer in = new StateBuffer(packed);
    SalesHistory history = new SalesHistory(in.readLong());
    history.outSince = in.readLong();
    while (in.hasMore()) {
      Hour hour = history.hour(in.readInt());
      hour.sales = in.readSize();
      hour.units = in.readCount();
      hour.squares = in.readCount();
      hour.without = in.readSize();
    }
    return history;
  }

  byte[] pack() {
    StateBuffer out = new StateBuffer();
    out.writeLong(since);
    out.writeLong(outSince);
    hours.forEach((at, hour) -> {
      out.writeInt(at.intValue());
      out.writeSize(hour.sales);
      out.writeCount(hour.units);
      out.writeCount(hour.squares);
      out.writeSize(hour.without);
    });
    return out.toBytes();
  }

  /**
   * Notes an update; it is the newest.
   *
   * @param units how many were sold; 0 if it was no sale
   * @param quantity how many are left
   */
  void add(long time, long units, int quantity) {
    long now = Math.floorDiv(time, Rhythm.HOUR);
    hours.headMap(now - HOURS).clear();
    // What is sold without stock could be sold all the time.
    if (outSince != IN_STOCK && units == 0) {
      noteWithout(Math.max(outSince, (now - HOURS) * Rhythm.HOUR), time);
    }
    outSince = quantity > 0 ? IN_STOCK : time;
    if (units > 0) {
      Hour hour = hour(now);
      hour.sales++;
      hour.units += units;
      hour.squares += Math.min(units, BULK) * Math.min(units, BULK);
    }
  }

  /** Returns an hour, counted from 1970; null if there is nothing to say of it. */
  Hour at(long hour) {
    return hours.get(hour);
  }

  private void noteWithout(long from, long to) {
    for (long time = from; time < to; ) {
      long at = Math.floorDiv(time, Rhythm.HOUR);
      long next = Math.min(to, (at + 1) * Rhythm.HOUR);
      hour(at).without += (int) (next - time);
      time = next;
    }
  }

  private Hour hour(long at) {
    return hours.computeIfAbsent(at, any -> new Hour());
  }
}
