package io.footfall.flink.related;

import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;

/** The first so many of what it is offered. */
final class Best {

  private final int places;
  private final PriorityQueue<Related> worstFirst = new PriorityQueue<>((one, other) -> other.compareTo(one));

  Best(int places) {
    this.places = places;
  }

  /** Tells, before there is an object of it, whether something with this score may be among them. */
  boolean mayTake(double score) {
    return worstFirst.size() < places || score >= worstFirst.peek().score;
  }

  void offer(Related related) {
    if (worstFirst.size() < places) {
      worstFirst.add(related);
    } else if (related.compareTo(worstFirst.peek()) < 0) {
      worstFirst.poll();
      worstFirst.add(related);
    }
  }

  /** Returns them, best first. */
  List<Related> inOrder() {
    List<Related> best = new ArrayList<>(worstFirst);
    best.sort(null);
    return best;
  }
}
