package io.footfall.flink.source;

import java.util.Map;
import org.apache.flink.kafka.shaded.org.apache.kafka.common.TopicPartition;

/**
 * Is told on the task thread how far partitions have been read, when every row before has been
 * emitted.
 */
interface PositionListener {
  void read(Map<TopicPartition, Long> positions);
}
