package io.footfall.flink.source;

import java.util.function.Supplier;
import org.apache.flink.connector.base.source.reader.RecordsWithSplitIds;
import org.apache.flink.connector.base.source.reader.fetcher.SplitFetcherTask;
import org.apache.flink.connector.base.source.reader.splitreader.SplitReader;
import org.apache.flink.connector.base.source.reader.synchronization.FutureCompletingBlockingQueue;
import org.apache.flink.connector.kafka.source.reader.fetcher.KafkaSourceFetcherManager;
import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplit;
import org.apache.flink.kafka.shaded.org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Kafka's fetchers, whose poll can be cut short: it waits ten seconds when there is nothing to
 * read.
 */
final class WakeableFetcherManager extends KafkaSourceFetcherManager {

  private static final SplitFetcherTask NOTHING = new SplitFetcherTask() {
    @Override
    public boolean run() {
      return true;
    }

    @Override
    public void wakeUp() {}
  };

  WakeableFetcherManager(
      FutureCompletingBlockingQueue<RecordsWithSplitIds<ConsumerRecord<byte[], byte[]>>> queue,
      Supplier<SplitReader<ConsumerRecord<byte[], byte[]>, KafkaPartitionSplit>> readers) {
    super(queue, readers, finished -> {});
  }

  /** Has the fetcher, if there is one, tell where it is. */
  void wakeUp() {
    fetchers.values().forEach(fetcher -> fetcher.enqueueTask(NOTHING));
  }
}
