package io.footfall.flink.shopper;

import io.footfall.flink.Packed;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;

/**
 * The product views of one user, in the order in which they happened: each is paired with the five before it, if they are no
 * more than half an hour older and of another product.
 */
final class Views {

  /** Views are put in order when a slot of this length is over, which is also how often pairs are counted. */
  static final long SLOT = 5_000;

  private static final int BEFORE = 5;
  private static final long TOGETHER = 30 * 60 * 1000L;

  private record View(long time, byte[] product) {}

  /** What one product was viewed together with, once for every time, in the slot that ends then. */
  record Together(byte[] product, long slotEnd, List<byte[]> related) {}

  private final Deque<View> latest = new ArrayDeque<>();
  private final List<View> waiting = new ArrayList<>();

  /** Adds a view and returns when its pairs are known, or {@link Long#MIN_VALUE} if another view waits for the same moment. */
  long add(long time, byte[] product) {
    long slot = slot(time);
    boolean isFirst = true;
    for (View other : waiting) {
      isFirst &= slot(other.time) != slot;
    }
    waiting.add(new View(time, product));
    return isFirst ? slot * SLOT + SLOT - 1 : Long.MIN_VALUE;
  }

  private static long slot(long time) {
    return Math.floorDiv(time, SLOT);
  }

  boolean isEmpty() {
    return waiting.isEmpty();
  }

  /** Returns the pairs of all views up to a time after which no earlier view can come, in both directions. */
  List<Together> pairsUntil(long time) {
    if (waiting.isEmpty()) {
      return List.of();
    }
    List<View> settled = new ArrayList<>();
    waiting.removeIf(view -> view.time <= time && settled.add(view));
    settled.sort(Comparator.comparingLong(View::time)); // stable: views of one moment stay in the order of arrival
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
    long slotEnd = slot(view.time) * SLOT + SLOT;
    List<byte[]> related = new ArrayList<>(BEFORE);
    for (View earlier : latest) {
      if (earlier.time >= view.time - TOGETHER && !Arrays.equals(earlier.product, view.product)) {
        related.add(earlier.product);
        pairs.add(new Together(earlier.product, slotEnd, List.of(view.product)));
      }
    }
    if (!related.isEmpty()) {
      pairs.add(new Together(view.product, slotEnd, related));
    }
  }

  void write(Packed out) {
    out.writeSize(latest.size());
    latest.forEach(view -> write(out, view));
    out.writeSize(waiting.size());
    waiting.forEach(view -> write(out, view));
  }

  static Views read(Packed in) {
    Views views = new Views();
    for (int left = in.readSize(); left > 0; left--) {
      views.latest.addLast(new View(in.readLong(), in.readText()));
    }
    for (int left = in.readSize(); left > 0; left--) {
      views.waiting.add(new View(in.readLong(), in.readText()));
    }
    return views;
  }

  private static void write(Packed out, View view) {
    out.writeLong(view.time);
    out.writeText(view.product);
  }
}
