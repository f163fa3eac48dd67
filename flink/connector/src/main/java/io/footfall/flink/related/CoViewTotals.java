package io.footfall.flink.related;

import io.footfall.flink.state.StateBuffer;
import java.util.Arrays;

/**
 * The totals of one product, packed in the order of the other products' ids, so that a few of them
 * are found, or replaced, in one walk over the bytes that makes no object of the others.
 */
final class CoViewTotals {

  private final byte[] packed;
  /** What was last seen by then is forgotten. */
  private final long forgetUntil;

  CoViewTotals(byte[] packed, long forgetUntil) {
    this.packed = packed == null ? new byte[0] : packed;
    this.forgetUntil = forgetUntil;
  }

  /**
   * Reads what is known of the given products, which are in order, and offers all others to the
   * best.
   */
  void read(Related[] wanted, TopK best) {
    StateBuffer in = new StateBuffer(packed);
    int next = 0;
    while (in.hasMore()) {
      int size = in.readSize();
      int start = in.position();
      in.skip(size);
      next = firstNotBefore(wanted, next, start, size);
      if (is(wanted, next, start, size)) {
        wanted[next].read(in);
      } else {
        double score = Double.longBitsToDouble(in.readLong());
        long last = in.readLong();
        long support = in.readLong();
        if (last > forgetUntil && best.mayTake(score, last)) {
          best.offer(
              new Related(Arrays.copyOfRange(packed, start, start + size), score, last, support));
        }
      }
    }
  }

  /** Writes all of them with the given ones, which are in order, in their places. */
  byte[] with(Related[] changed, StateBuffer out) {
    out.clear();
    StateBuffer in = new StateBuffer(packed);
    int next = 0;
    while (in.hasMore()) {
      int begin = in.position();
      int size = in.readSize();
      int start = in.position();
      in.skip(size);
      for (int end = firstNotBefore(changed, next, start, size); next < end; next++) {
        write(changed[next], out);
      }
      in.skip(Long.BYTES);
      long last = in.readLong();
      in.skip(Long.BYTES);
      if (!is(changed, next, start, size) && last > forgetUntil) {
        out.writeRaw(packed, begin, in.position() - begin);
      }
    }
    for (; next < changed.length; next++) {
      write(changed[next], out);
    }
    return out.toBytes();
  }

  private void write(Related related, StateBuffer out) {
    if (related.last > forgetUntil) {
      related.write(out);
    }
  }

  private int firstNotBefore(Related[] products, int from, int start, int size) {
    int next = from;
    while (next < products.length
        && Arrays.compareUnsigned(
                products[next].product,
                0,
                products[next].product.length,
                packed,
                start,
                start + size)
            < 0) {
      next++;
    }
    return next;
  }

  private boolean is(Related[] products, int next, int start, int size) {
    return next < products.length
        && Arrays.equals(
            products[next].product, 0, products[next].product.length, packed, start, start + size);
  }
}
