package io.footfall.flink.source;

import java.util.Set;

/** One question at a time, and when it was asked. */
final class Questions {

  /** A question under way. */
  record Asked(long id, long now, long wall) {}

  private long lastId;
  private Asked asked;

  /** Returns the next question, null while one is under way. */
  SourceWatermarks.Question next(
      Set<String> partitions, boolean withStableEnds, long now, long wall) {
    if (asked != null) {
      return null;
    }
    asked = new Asked(++lastId, now, wall);
    return new SourceWatermarks.Question(lastId, partitions, withStableEnds);
  }

  /** Returns the question under way if it is this one, which ends it. */
  Asked take(long id) {
    if (asked == null || asked.id != id) {
      return null;
    }
    Asked taken = asked;
    asked = null;
    return taken;
  }

  /** Gives up the question under way: its answer will be ignored. */
  void forget() {
    asked = null;
  }
}
