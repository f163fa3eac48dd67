package io.footfall.flink.related;

import io.footfall.flink.Packed;
import java.util.Arrays;

/** How often one product was viewed together with another. */
final class Related implements Comparable<Related> {

  final byte[] product;
  long support;
  double score;
  /** End of the last slot with such a view. */
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
  void add(double weight, long slotEnd, long memory) {
    if (last <= slotEnd - memory) {
      support = 0;
      score = 0;
    }
    support++;
    score += weight;
    last = Math.max(last, slotEnd);
  }

  /** The higher score comes first; of equal ones the smaller id, compared as UTF-8. */
  @Override
  public int compareTo(Related other) {
    int byScore = Double.compare(other.score, score);
    return byScore != 0 ? byScore : Arrays.compareUnsigned(product, other.product);
  }

  void write(Packed out) {
    out.writeText(product);
    out.writeLong(Double.doubleToRawLongBits(score));
    out.writeLong(last);
    out.writeLong(support);
  }

  /** Takes what is written behind the product's id. */
  void read(Packed in) {
    score = Double.longBitsToDouble(in.readLong());
    last = in.readLong();
    support = in.readLong();
  }
}
