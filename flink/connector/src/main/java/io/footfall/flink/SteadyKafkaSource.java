package io.footfall.flink;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.regex.Pattern;
import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.kafka.shaded.org.apache.kafka.common.TopicPartition;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.connectors.kafka.config.BoundedMode;
import org.apache.flink.streaming.connectors.kafka.config.StartupMode;
import org.apache.flink.streaming.connectors.kafka.table.KafkaDynamicSource;
import org.apache.flink.table.connector.ProviderContext;
import org.apache.flink.table.connector.format.DecodingFormat;
import org.apache.flink.table.connector.source.DataStreamScanProvider;
import org.apache.flink.table.connector.source.DynamicTableSource;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.types.DataType;

/**
 * A Kafka table source with a clock that can be relied on (see {@link SteadyOperator}): a quiet partition does not hold the
 * others back, but the source as a whole stays active, and its watermark survives a restart.
 *
 * <p>Were it to become idle, the status would travel to the subtasks behind it on separate channels. When the source wakes up,
 * one subtask may pass on the new watermark before its neighbour has passed on the rows under it, and an operator that hears
 * both drops those rows as late, though the source judged them on time.
 */
public class SteadyKafkaSource extends KafkaDynamicSource {

  public SteadyKafkaSource(
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
    super(
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
        false,
        tableIdentifier,
        parallelism);
  }

  @Override
  public ScanRuntimeProvider getScanRuntimeProvider(ScanContext context) {
    return new SteadyProvider((DataStreamScanProvider) super.getScanRuntimeProvider(context));
  }

  @Override
  public DynamicTableSource copy() {
    SteadyKafkaSource copy =
        new SteadyKafkaSource(
            physicalDataType,
            keyDecodingFormat,
            valueDecodingFormat,
            keyProjection,
            valueProjection,
            keyPrefix,
            topics,
            topicPattern,
            properties,
            startupMode,
            specificStartupOffsets,
            startupTimestampMillis,
            boundedMode,
            specificBoundedOffsets,
            boundedTimestampMillis,
            tableIdentifier,
            parallelism);
    copy.producedDataType = producedDataType;
    copy.metadataKeys = new ArrayList<>(metadataKeys);
    copy.watermarkStrategy = watermarkStrategy;
    return copy;
  }

  /**
   * Chains the clock behind Kafka's source.
   *
   * <p>The planner is not told of the readers' number. If it were, and the job had another, it would deal the rows out in
   * turns before it sends each to its key: a thread more for every row, and rows of one key would overtake each other.
   */
  private record SteadyProvider(DataStreamScanProvider kafka) implements DataStreamScanProvider {

    @Override
    public DataStream<RowData> produceDataStream(ProviderContext context, StreamExecutionEnvironment environment) {
      DataStream<RowData> rows = kafka.produceDataStream(context, environment);
      SingleOutputStreamOperator<RowData> steady = rows.transform("steady", rows.getType(), new SteadyOperator());
      context.generateUid("steady").ifPresent(steady::uid);
      kafka
          .getParallelism()
          .ifPresent(
              parallelism -> {
                rows.getTransformation().setParallelism(parallelism);
                steady.setParallelism(parallelism);
              });
      return steady;
    }

    @Override
    public boolean isBounded() {
      return kafka.isBounded();
    }
  }
}
