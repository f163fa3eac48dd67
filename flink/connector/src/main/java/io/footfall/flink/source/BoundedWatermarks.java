package io.footfall.flink.source;

/**
 * Watermarks of a run that ends: what is late is decided by the events alone. Every partition that
 * is not read to its end must have spoken; there is no idleness and no wall clock.
 */
final class BoundedWatermarks extends SourceWatermarks {

  BoundedWatermarks() {
    super(() -> Long.MAX_VALUE, false);
  }

  @Override
  long tick(long now, long wall) {
    return smallest(partitions.values());
  }

  @Override
  long holding() {
    return partitions.values().stream()
        .filter(each -> each.effective() == Partition.NONE)
        .count();
  }
}
