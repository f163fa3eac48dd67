package io.footfall.flink;

import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.regex.Pattern;
import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.kafka.shaded.org.apache.kafka.common.TopicPartition;
import org.apache.flink.streaming.connectors.kafka.config.BoundedMode;
import org.apache.flink.streaming.connectors.kafka.config.StartupMode;
import org.apache.flink.streaming.connectors.kafka.table.KafkaDynamicSource;
import org.apache.flink.streaming.connectors.kafka.table.KafkaDynamicTableFactory;
import org.apache.flink.table.connector.format.DecodingFormat;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.types.DataType;

/**
 * Connector {@code footfall-kafka}: Flink's Kafka table with every option it has, read by a source that never becomes idle as
 * a whole (see {@link SteadyKafkaSource}).
 */
public class SteadyKafkaTableFactory extends KafkaDynamicTableFactory {

  @Override
  public String factoryIdentifier() {
    return "footfall-kafka";
  }

  @Override
  protected KafkaDynamicSource createKafkaTableSource(
      DataType physicalDataType,
      DecodingFormat<DeserializationSchema<RowData>> keyFormat,
      DecodingFormat<DeserializationSchema<RowData>> valueFormat,
      int[] keyProjection,
      int[] valueProjection,
      String keyPrefix,
      List<String> topics,
      Pattern topicPattern,
      Properties properties,
      StartupMode startupMode,
      Map<TopicPartition, Long> startupOffsets,
      long startupTimestamp,
      BoundedMode boundedMode,
      Map<TopicPartition, Long> boundedOffsets,
      long boundedTimestamp,
      String tableIdentifier,
      Integer parallelism) {
    return new SteadyKafkaSource(
        physicalDataType,
        keyFormat,
        valueFormat,
        keyProjection,
        valueProjection,
        keyPrefix,
        topics,
        topicPattern,
        properties,
        startupMode,
        startupOffsets,
        startupTimestamp,
        boundedMode,
        boundedOffsets,
        boundedTimestamp,
        tableIdentifier,
        parallelism);
  }
}
