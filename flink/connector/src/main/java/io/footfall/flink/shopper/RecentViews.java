package io.footfall.flink.shopper;

import io.footfall.flink.state.StateBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;

/**
 * The product views of one user, in the order in which they happened: each is paired with the five
 * before it, if they are no more than half an hour older and of another product.
 */
final class RecentViews {

  /**
   * Views are put in order when a bucket of this length is over, which is also how often pairs are
   * counted.
   */
  static final long BUCKET = 5_000;

  private static final int BEFORE = 5;
  private static final long TOGETHER = 30 * 60 * 1000L;

  private record View(long time, byte[] product) {}

  /**
   * What one product was viewed together with, once for every time, in the bucket that ends then.
   */
  record Together(byte[] product, long bucketEnd, List<byte[]> related) {}

  private final Deque<View> latest = new ArrayDeque<>();
  private final List<View> waiting = new ArrayList<>();

  /**
   * Adds a view and returns when its pairs are known, or {@link Long#MIN_VALUE} if another view
   * waits for the same moment.
   */
  long add(long time, byte[] product) {
    long bucket = bucket(time);
    boolean isFirst = true;
    for (View other : waiting) {
      isFirst &= bucket(other.time) != bucket;
    }
    waiting.add(new View(time, product));
    return isFirst ? bucket * BUCKET + BUCKET - 1 : Long.MIN_VALUE;
  }

  private static long bucket(long time) {
    return Math.floorDiv(time, BUCKET);
  }

  boolean isEmpty() {
    return waiting.isEmpty();
  }

  /**
   * Returns the pairs of all views up to a time after which no earlier view can come, in both
   * directions.
   */
  List<Together> pairsUntil(long time) {
    if (waiting.isEmpty()) {
      return List.of();
    }
    List<View> settled = new ArrayList<>();
    waiting.removeIf(view -> view.time <= time && settled.add(view));
    settled.sort(Comparator.comparingLong(
        View::time)); // stable: views of one moment stay in the order of arrival
    List<Together> pairs = new ArrayList<>();
    for (View view : settled) {
      pair(view, pairs);
      latest.addLast(view);
      if (latest.size() > BEFORE) {
        latest.removeFirst();
      }
    }
    return pairs;
  }

  private void pair(View view, List<Together> pairs) {
    long bucketEnd = bucket(view.time) * BUCKET + BUCKET;
    List<byte[]> related = new ArrayList<>(BEFORE);
    for (View earlier : latest) {
      if (earlier.time >= view.time - TOGETHER && !Arrays.equals(earlier.product, view.product)) {
        related.add(earlier.product);
        pairs.add(new Together(earlier.product, bucketEnd, List.of(view.product)));
      }
    }
    if (!related.isEmpty()) {
      pairs.add(new Together(view.product, bucketEnd, related));
    }
  }

  void write(StateBuffer out) {
    out.writeSize(latest.size());
    latest.forEach(view -> write(out, view));
    out.writeSize(waiting.size());
    waiting.forEach(view -> write(out, view));
  }

  static RecentViews read(StateBuffer in) {
    RecentViews views = new RecentViews();
    for (int left = in.readSize(); left > 0; left--) {
      views.latest.addLast(new View(in.readLong(), in.readText()));
    }
    for (int left = in.readSize(); left > 0; left--) {
      views.waiting.add(new View(in.readLong(), in.readText()));
    }
    return views;
  }

  private static void write(StateBuffer out, View view) {
    out.writeLong(view.time);
    out.writeText(view.product);
  }
}
