package io.footfall.flink.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.reader.deserializer.KafkaRecordDeserializationSchema;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.data.TimestampData;
import org.apache.flink.table.runtime.generated.GeneratedWatermarkGeneratorSupplier.DefaultWatermarkGenerator;
import org.apache.flink.table.runtime.generated.WatermarkGenerator;
import org.apache.flink.table.watermark.WatermarkEmitStrategy;
import org.junit.jupiter.api.Test;

/** What this package takes from the inside of Flink and its Kafka connector is still there. */
class WatermarkingSourceTest {

  private static final WatermarkStrategy<RowData> STRATEGY = context ->
      new DefaultWatermarkGenerator(new FiveSecondsBehind(), WatermarkEmitStrategy.ON_PERIODIC);

  @Test
  void theConnectorStillHoldsItsPropertiesAndItsFormat() {
    KafkaSource<RowData> kafka = KafkaSource.<RowData>builder()
        .setBootstrapServers("localhost:1")
        .setTopics("clickstream")
        .setGroupId("group")
        .setDeserializer(KafkaRecordDeserializationSchema.valueOnly(new NoFormat()))
        .build();

    WatermarkingSource source = new WatermarkingSource(
        kafka,
        STRATEGY,
        new WatermarkRules(false, Duration.ofSeconds(1), null, Duration.ofMillis(200), false, -1));

    assertEquals("localhost:1", source.properties().getProperty("bootstrap.servers"));
    assertNotNull(source.format());
  }

  @Test
  void aRowsOwnWatermarkIsRead() throws Exception {
    RowTimes times = RowTimes.of(STRATEGY, 1, new UnregisteredMetricsGroup());

    assertEquals(95_000L, times.watermark(row(100_000)));
    assertEquals(5_000L, times.watermark(row(10_000)), "an older row's own, not the newest of all");
    assertEquals(10_000L, times.time(row(10_000)));
  }

  @Test
  void anUnreadableMessageHasNoTime() throws Exception {
    RowTimes times = RowTimes.of(STRATEGY, 1, new UnregisteredMetricsGroup());

    assertNull(times.watermark(
        GenericRowData.of(TimestampData.fromEpochMillis(0), StringData.fromString("garbage"))));
  }

  @Test
  void idlenessOfFlinksOwnIsRefused() {
    assertThrows(
        IllegalStateException.class,
        () -> RowTimes.of(
            STRATEGY.withIdleness(Duration.ofSeconds(1)), -1, new UnregisteredMetricsGroup()));
  }

  @Test
  void everySourceTellsGaugesOfItsOwn() {
    Set<Gauge<?>> told = Collections.newSetFromMap(new IdentityHashMap<>());
    MetricGroup group = new UnregisteredMetricsGroup() {
      @Override
      public <T, G extends Gauge<T>> G gauge(String name, G gauge) {
        assertTrue(
            told.add(gauge),
            name + ": Flink knows a gauge by its identity and tells it under one name only");
        return gauge;
      }
    };

    for (int source = 0; source < 2; source++) {
      WatermarkingSource.register(new BoundedWatermarks(), group);
    }

    assertEquals(12, told.size());
  }

  private static RowData row(long time) {
    return GenericRowData.of(TimestampData.fromEpochMillis(time), null);
  }

  private static final class NoFormat implements DeserializationSchema<RowData> {

    @Override
    public RowData deserialize(byte[] message) {
      return null;
    }

    @Override
    public boolean isEndOfStream(RowData row) {
      return false;
    }

    @Override
    public TypeInformation<RowData> getProducedType() {
      return TypeInformation.of(RowData.class);
    }
  }

  private static final class FiveSecondsBehind extends WatermarkGenerator {

    @Override
    public long extractTimestamp(RowData row) {
      return row.getTimestamp(0, 3).getMillisecond();
    }

    @Override
    public Long currentWatermark(RowData row) {
      return extractTimestamp(row) - 5_000;
    }
  }
}
