package io.footfall.flink.source;

import java.util.Set;

/**
 * Watermarks of a table of versions, such as products: whoever joins a version as of a time must
 * wait until every version that was published before has been read, and no longer, however rarely
 * versions come.
 *
 * <p>So the watermark is the moment of the last question to which "all is read" was the answer.
 * What the rows themselves say of time plays no part: they may have been loaded in bulk as of 1970,
 * or be valid from tomorrow on. In a run that ends, versions are complete at the end only.
 */
final class VersionWatermarks extends SourceWatermarks {

  private final boolean bounded;
  private final Questions questions = new Questions();

  VersionWatermarks(boolean bounded) {
    super(() -> Long.MAX_VALUE, false);
    this.bounded = bounded;
  }

  @Override
  long tick(long now, long wall) {
    return proven();
  }

  @Override
  Question question(long now, long wall) {
    return bounded || partitions.isEmpty()
        ? null
        : questions.next(Set.copyOf(partitions.keySet()), false, now, wall);
  }

  @Override
  long answer(Answer answer, long now) {
    Questions.Asked asked = questions.take(answer.id());
    if (asked == null) {
      return Partition.NONE;
    }
    answer.ends().forEach((id, end) -> {
      Partition partition = partitions.get(id);
      if (partition != null) {
        partition.end(end.high(), asked.wall());
      }
    });
    return proven();
  }

  @Override
  long holding() {
    return bounded
        ? 0
        : partitions.values().stream()
            .filter(each -> each.provenAt == Partition.NONE)
            .count();
  }

  private long proven() {
    return partitions.values().stream()
        .mapToLong(each -> each.provenAt)
        .min()
        .orElse(Partition.NONE);
  }
}
