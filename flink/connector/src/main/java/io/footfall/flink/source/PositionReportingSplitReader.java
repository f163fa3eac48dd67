package io.footfall.flink.source;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.connector.base.source.reader.RecordsWithSplitIds;
import org.apache.flink.connector.kafka.source.metrics.KafkaSourceReaderMetrics;
import org.apache.flink.connector.kafka.source.reader.KafkaPartitionSplitReader;
import org.apache.flink.kafka.shaded.org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.flink.kafka.shaded.org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.flink.kafka.shaded.org.apache.kafka.common.TopicPartition;
import org.apache.flink.kafka.shaded.org.apache.kafka.common.errors.WakeupException;
import org.apache.flink.metrics.groups.SourceReaderMetricGroup;

/**
 * Kafka's split reader, which also says how far it has got: beyond markers of transactions and
 * aborted records, too, of which no row tells.
 */
final class PositionReportingSplitReader extends KafkaPartitionSplitReader {

  private final KafkaConsumer<?, ?> consumer;
  private final PositionListener listener;

  PositionReportingSplitReader(
      Properties properties,
      SourceReaderContext context,
      Metrics metrics,
      PositionListener listener) {
    super(properties, context, metrics);
    this.consumer = metrics.consumer;
    this.listener = listener;
  }

  @Override
  public RecordsWithSplitIds<ConsumerRecord<byte[], byte[]>> fetch() throws IOException {
    RecordsWithSplitIds<ConsumerRecord<byte[], byte[]>> records = super.fetch();
    return new Positioned(records, positions(), listener);
  }

  /** Asks nobody: the positions are the consumer's own. */
  private Map<TopicPartition, Long> positions() {
    Map<TopicPartition, Long> positions = new HashMap<>();
    try {
      for (TopicPartition partition : consumer.assignment()) {
        positions.put(partition, consumer.position(partition));
      }
    } catch (WakeupException woken) {
      // The next fetch tells.
      positions.clear();
    }
    return positions;
  }

  /**
   * Takes the consumer from where Kafka's reader hands it to its metrics: there is no other way to
   * it.
   */
  static final class Metrics extends KafkaSourceReaderMetrics {

    private KafkaConsumer<?, ?> consumer;

    Metrics(SourceReaderMetricGroup group) {
      super(group);
    }

    @Override
    public void registerNumBytesIn(KafkaConsumer<?, ?> created) {
      consumer = created;
      super.registerNumBytesIn(created);
    }
  }

  /** A batch of records, and where the consumer was behind it. */
  private record Positioned(
      RecordsWithSplitIds<ConsumerRecord<byte[], byte[]>> records,
      Map<TopicPartition, Long> positions,
      PositionListener listener)
      implements RecordsWithSplitIds<ConsumerRecord<byte[], byte[]>> {

    @Override
    public String nextSplit() {
      return records.nextSplit();
    }

    @Override
    public ConsumerRecord<byte[], byte[]> nextRecordFromSplit() {
      return records.nextRecordFromSplit();
    }

    @Override
    public Set<String> finishedSplits() {
      return records.finishedSplits();
    }

    @Override
    public void recycle() {
      records.recycle();
      listener.read(positions);
    }
  }
}
