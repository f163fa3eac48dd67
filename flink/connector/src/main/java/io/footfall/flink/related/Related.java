package io.footfall.flink.related;

import io.footfall.flink.state.StateBuffer;

/** How often one product was viewed together with another. */
final class Related {

  final byte[] product;
  long support;
  /** Views, those of the week of the last one counting 1. */
  double score;
  /** End of the last bucket with such a view; milliseconds since the epoch. */
  long last;

  Related(byte[] product) {
    this(product, 0, Long.MIN_VALUE, 0);
  }

  Related(byte[] product, double score, long last, long support) {
    this.product = product;
    this.score = score;
    this.last = last;
    this.support = support;
  }

  /** Adds one view; what was not seen for longer than the memory begins anew. */
  void add(long bucketEnd, long memory) {
    if (last <= bucketEnd - memory) {
      support = 0;
      score = 0;
      last = bucketEnd;
    }
    long newest = Math.max(last, bucketEnd);
    support++;
    score = scoreAsOf(Weeks.begin(newest)) + Weeks.left(1, bucketEnd, Weeks.begin(newest));
    last = newest;
  }

  /**
   * Returns the views, those of the week that began then counting 1, and half for every week before
   * it.
   */
  double scoreAsOf(long week) {
    return Weeks.left(score, last, week);
  }

  void write(StateBuffer out) {
    out.writeText(product);
    out.writeLong(Double.doubleToRawLongBits(score));
    out.writeLong(last);
    out.writeLong(support);
  }

  /** Takes what is written behind the product's id. */
  void read(StateBuffer in) {
    score = Double.longBitsToDouble(in.readLong());
    last = in.readLong();
    support = in.readLong();
  }
}
