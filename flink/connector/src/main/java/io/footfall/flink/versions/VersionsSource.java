package io.footfall.flink.versions;

import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.connectors.kafka.table.KafkaDynamicSource;
import org.apache.flink.table.connector.ChangelogMode;
import org.apache.flink.table.connector.ProviderContext;
import org.apache.flink.table.connector.source.DataStreamScanProvider;
import org.apache.flink.table.connector.source.DynamicTableSource;
import org.apache.flink.table.connector.source.ScanTableSource;
import org.apache.flink.table.connector.source.abilities.SupportsReadingMetadata;
import org.apache.flink.table.connector.source.abilities.SupportsWatermarkPushDown;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.types.DataType;

/** Kafka's source with {@link EndOfVersions} chained behind it. */
final class VersionsSource implements ScanTableSource, SupportsReadingMetadata, SupportsWatermarkPushDown {

  private final KafkaDynamicSource kafka;
  private final int validFrom;
  private final int[] key;

  VersionsSource(KafkaDynamicSource kafka, int validFrom, int[] key) {
    this.kafka = kafka;
    this.validFrom = validFrom;
    this.key = key;
  }

  @Override
  public ScanRuntimeProvider getScanRuntimeProvider(ScanContext context) {
    DataStreamScanProvider messages = (DataStreamScanProvider) kafka.getScanRuntimeProvider(context);
    return new VersionsProvider(messages, new EndOfVersions(validFrom, key));
  }

  @Override
  public ChangelogMode getChangelogMode() {
    return kafka.getChangelogMode();
  }

  @Override
  public Map<String, DataType> listReadableMetadata() {
    return kafka.listReadableMetadata();
  }

  @Override
  public void applyReadableMetadata(List<String> metadataKeys, DataType producedDataType) {
    kafka.applyReadableMetadata(metadataKeys, producedDataType);
  }

  @Override
  public boolean supportsMetadataProjection() {
    return kafka.supportsMetadataProjection();
  }

  @Override
  public void applyWatermark(WatermarkStrategy<RowData> watermarkStrategy) {
    kafka.applyWatermark(watermarkStrategy);
  }

  @Override
  public DynamicTableSource copy() {
    return new VersionsSource((KafkaDynamicSource) kafka.copy(), validFrom, key);
  }

  @Override
  public String asSummaryString() {
    return "Versions in " + kafka.asSummaryString();
  }

  private record VersionsProvider(DataStreamScanProvider messages, EndOfVersions ends) implements DataStreamScanProvider {

    @Override
    public DataStream<RowData> produceDataStream(ProviderContext context, StreamExecutionEnvironment environment) {
      DataStream<RowData> rows = messages.produceDataStream(context, environment);
      SingleOutputStreamOperator<RowData> versions = rows.transform("versions", rows.getType(), ends);
      context.generateUid("versions").ifPresent(versions::uid);
      messages
          .getParallelism()
          .ifPresent(
              parallelism -> {
                rows.getTransformation().setParallelism(parallelism);
                versions.setParallelism(parallelism);
              });
      return versions;
    }

    @Override
    public boolean isBounded() {
      return messages.isBounded();
    }
  }
}
