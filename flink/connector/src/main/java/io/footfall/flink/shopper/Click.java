package io.footfall.flink.shopper;

import io.footfall.flink.state.StateBuffer;
import java.util.Arrays;

/**
 * One remembered row of the clickstream: its id, so that a duplicate is known, and if it is a
 * product_view or product_click what attribution needs.
 *
 * @param product null if there is none, or if the row is no click in the sense of attribution
 * @param channel null if there is none
 */
record Click(long time, boolean isProductClick, byte[] id, byte[] product, byte[] channel) {

  private static final int PRODUCT_CLICK = 1;
  private static final int PRODUCT = 2;
  private static final int CHANNEL = 4;

  void write(StateBuffer out) {
    out.writeByte((isProductClick ? PRODUCT_CLICK : 0)
        | (product == null ? 0 : PRODUCT)
        | (channel == null ? 0 : CHANNEL));
    out.writeLong(time);
    out.writeText(id);
    if (product != null) {
      out.writeText(product);
    }
    if (channel != null) {
      out.writeText(channel);
    }
  }

  static Click read(StateBuffer in) {
    int marks = in.readByte();
    long time = in.readLong();
    byte[] id = in.readText();
    byte[] product = (marks & PRODUCT) == 0 ? null : in.readText();
    byte[] channel = (marks & CHANNEL) == 0 ? null : in.readText();
    return new Click(time, (marks & PRODUCT_CLICK) != 0, id, product, channel);
  }

  /** Steps over one click and returns its time if it has this id, else {@link Long#MIN_VALUE}. */
  static long readTimeIfId(StateBuffer in, byte[] id) {
    int marks = in.readByte();
    long time = in.readLong();
    boolean same = in.readTextEquals(id);
    if ((marks & PRODUCT) != 0) {
      in.skip(in.readSize());
    }
    if ((marks & CHANNEL) != 0) {
      in.skip(in.readSize());
    }
    return same ? time : Long.MIN_VALUE;
  }

  /** Earlier comes first; at the same time the smaller id, compared as UTF-8. */
  boolean isBefore(Click other) {
    return other == null
        || time < other.time
        || (time == other.time && Arrays.compareUnsigned(id, other.id) < 0);
  }
}
