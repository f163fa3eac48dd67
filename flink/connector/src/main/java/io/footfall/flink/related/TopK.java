package io.footfall.flink.related;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/**
 * The first so many of what it is offered: a higher score comes first; of equal ones the smaller
 * id, compared as UTF-8.
 */
final class TopK {

  private final int places;
  private final long week;
  private final Comparator<Related> bestFirst;
  private final PriorityQueue<Related> worstFirst;

  /** Scores are compared as of the week of this moment. */
  TopK(int places, long moment) {
    this.places = places;
    week = Weeks.begin(moment);
    bestFirst = (one, other) -> {
      int byScore = Double.compare(other.scoreAsOf(week), one.scoreAsOf(week));
      return byScore != 0 ? byScore : Arrays.compareUnsigned(one.product, other.product);
    };
    worstFirst = new PriorityQueue<>(bestFirst.reversed());
  }

  /**
   * Tells, before there is an object of it, whether something last seen then with this score may be
   * among them.
   */
  boolean mayTake(double score, long last) {
    return worstFirst.size() < places
        || Weeks.left(score, last, week) >= worstFirst.peek().scoreAsOf(week);
  }

  void offer(Related related) {
    if (worstFirst.size() < places) {
      worstFirst.add(related);
    } else if (bestFirst.compare(related, worstFirst.peek()) < 0) {
      worstFirst.poll();
      worstFirst.add(related);
    }
  }

  /** Returns them, best first. */
  List<Related> inOrder() {
    List<Related> best = new ArrayList<>(worstFirst);
    best.sort(bestFirst);
    return best;
  }
}
