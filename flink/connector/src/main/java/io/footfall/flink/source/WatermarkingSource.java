package io.footfall.flink.source;

import java.lang.reflect.Field;
import java.util.Properties;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.api.java.typeutils.ResultTypeQueryable;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.connector.base.source.reader.RecordsWithSplitIds;
import org.apache.flink.connector.base.source.reader.synchronization.FutureCompletingBlockingQueue;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.KafkaSourceEnumState;
import org.apache.flink.connector.kafka.source.reader.KafkaRecordEmitter;
import org.apache.flink.connector.kafka.source.reader.KafkaSourceReader;
import org.apache.flink.connector.kafka.source.reader.deserializer.KafkaRecordDeserializationSchema;
import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplit;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.kafka.shaded.org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.table.data.RowData;
import org.apache.flink.util.UserCodeClassLoader;

/**
 * Flink's Kafka source with watermarks that look at lag: which partitions there are, what is read
 * of them and what is checkpointed is Kafka's source's business; only its reader is put together
 * anew, from the same parts.
 */
final class WatermarkingSource
    implements Source<RowData, KafkaPartitionSplit, KafkaSourceEnumState>,
        ResultTypeQueryable<RowData> {

  private static final long serialVersionUID = 1L;

  private final KafkaSource<RowData> kafka;
  private final WatermarkStrategy<RowData> strategy;
  private final WatermarkRules rules;

  WatermarkingSource(
      KafkaSource<RowData> kafka, WatermarkStrategy<RowData> strategy, WatermarkRules rules) {
    this.kafka = kafka;
    this.strategy = strategy;
    this.rules = rules;
  }

  @Override
  public SourceReader<RowData, KafkaPartitionSplit> createReader(SourceReaderContext context)
      throws Exception {
    boolean bounded = getBoundedness() == Boundedness.BOUNDED;
    SourceWatermarks watermarks = rules.watermarks(bounded, context.currentParallelism());
    RowTimes times =
        rules.versions() ? null : RowTimes.of(strategy, rules.reason(), context.metricGroup());
    KafkaRecordDeserializationSchema<RowData> format = format();
    format.open(new FormatContext(context));
    register(watermarks, context.metricGroup().addGroup("watermarks"));
    return new WatermarkingReader(
        watermarks, listener -> parts(context, listener, format, times, bounded));
  }

  private WatermarkingReader.Parts parts(
      SourceReaderContext context,
      PositionListener listener,
      KafkaRecordDeserializationSchema<RowData> format,
      RowTimes times,
      boolean bounded) {
    Properties properties = properties();
    String name =
        "watermarks of " + properties.getProperty("group.id") + "/" + context.getIndexOfSubtask();
    PositionReportingSplitReader.Metrics metrics =
        new PositionReportingSplitReader.Metrics(context.metricGroup());
    FutureCompletingBlockingQueue<RecordsWithSplitIds<ConsumerRecord<byte[], byte[]>>> unused =
        new FutureCompletingBlockingQueue<>();
    WakeableFetcherManager fetchers = new WakeableFetcherManager(
        unused, () -> new PositionReportingSplitReader(properties, context, metrics, listener));
    KafkaSourceReader<RowData> reader = new KafkaSourceReader<>(
        unused,
        fetchers,
        new KafkaRecordEmitter<>(format),
        configuration(properties),
        context,
        metrics);
    Ticker ticker =
        new Ticker(rules.interval().toMillis(), name, () -> fetchers.getQueue().notifyAvailable());
    EndOffsets ends = bounded
        ? null
        : new EndOffsets(
            properties, clientId(properties, context.getIndexOfSubtask()), ticker::answered);
    return new WatermarkingReader.Parts(
        reader, times, ticker, ends, rules.onEveryRow(), fetchers::wakeUp);
  }

  /** What an operator must see of a watermark that does not move. */
  static void register(SourceWatermarks watermarks, MetricGroup group) {
    group.gauge("partitionsHolding", watermarks::holding);
    group.gauge("partitionsQuiet", watermarks::quiet);
    group.gauge("partitionsBehindOpenTransactions", watermarks::openTransactions);
    group.gauge("slowestPartition", () -> watermarks.slowest().partition());
    group.gauge("slowestWatermark", () -> watermarks.slowest().watermark());
    group.gauge("toldAt", new Clock());
  }

  /**
   * The time now. Flink answers with what it has fetched before, however long ago: this is when.
   *
   * <p>Every source has its own: Flink knows a gauge by its identity, and a lambda that holds
   * nothing is one object for all, of which only the last source's name is told.
   */
  static final class Clock implements Gauge<Long> {
    @Override
    public Long getValue() {
      return System.currentTimeMillis();
    }
  }

  /** Kafka's source keeps it to itself; WatermarkingSourceTest fails when an upgrade moves it. */
  Properties properties() {
    return (Properties) read("props");
  }

  @SuppressWarnings("unchecked")
  KafkaRecordDeserializationSchema<RowData> format() {
    return (KafkaRecordDeserializationSchema<RowData>) read("deserializationSchema");
  }

  private Object read(String name) {
    try {
      Field field = KafkaSource.class.getDeclaredField(name);
      field.setAccessible(true);
      return field.get(kafka);
    } catch (ReflectiveOperationException moved) {
      throw new IllegalStateException(
          "this version of Flink's Kafka connector has no " + name, moved);
    }
  }

  private static Configuration configuration(Properties properties) {
    Configuration configuration = new Configuration();
    properties
        .stringPropertyNames()
        .forEach(name -> configuration.setString(name, properties.getProperty(name)));
    return configuration;
  }

  private static String clientId(Properties properties, int subtask) {
    return properties.getProperty("client.id.prefix") + "-watermarks-" + subtask;
  }

  @Override
  public Boundedness getBoundedness() {
    return kafka.getBoundedness();
  }

  @Override
  public SplitEnumerator<KafkaPartitionSplit, KafkaSourceEnumState> createEnumerator(
      SplitEnumeratorContext<KafkaPartitionSplit> context) {
    return kafka.createEnumerator(context);
  }

  @Override
  public SplitEnumerator<KafkaPartitionSplit, KafkaSourceEnumState> restoreEnumerator(
      SplitEnumeratorContext<KafkaPartitionSplit> context, KafkaSourceEnumState checkpoint)
      throws java.io.IOException {
    return kafka.restoreEnumerator(context, checkpoint);
  }

  @Override
  public SimpleVersionedSerializer<KafkaPartitionSplit> getSplitSerializer() {
    return kafka.getSplitSerializer();
  }

  @Override
  public SimpleVersionedSerializer<KafkaSourceEnumState> getEnumeratorCheckpointSerializer() {
    return kafka.getEnumeratorCheckpointSerializer();
  }

  @Override
  public TypeInformation<RowData> getProducedType() {
    return kafka.getProducedType();
  }

  private record FormatContext(SourceReaderContext context)
      implements DeserializationSchema.InitializationContext {

    @Override
    public MetricGroup getMetricGroup() {
      return context.metricGroup().addGroup("deserializer");
    }

    @Override
    public UserCodeClassLoader getUserCodeClassLoader() {
      return context.getUserCodeClassLoader();
    }
  }
}
