package io.footfall.flink.source;

import io.footfall.flink.versions.Versions;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.dag.Transformation;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.DataStreamSource;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.transformations.SourceTransformation;
import org.apache.flink.table.connector.ChangelogMode;
import org.apache.flink.table.connector.ProviderContext;
import org.apache.flink.table.connector.source.DataStreamScanProvider;
import org.apache.flink.table.connector.source.DynamicTableSource;
import org.apache.flink.table.connector.source.ScanTableSource;
import org.apache.flink.table.connector.source.abilities.SupportsReadingMetadata;
import org.apache.flink.table.connector.source.abilities.SupportsWatermarkPushDown;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.types.DataType;

/** A Kafka table as Flink makes it, read by a {@link WatermarkingSource} if it has a watermark. */
final class WatermarkingTableSource
    implements ScanTableSource, SupportsReadingMetadata, SupportsWatermarkPushDown {

  private final ScanTableSource kafka;
  private final WatermarkRules rules;
  private final Versions versions;
  private WatermarkStrategy<RowData> strategy;

  /**
   * @param kafka must be able to read metadata
   * @param versions null for a table of events
   */
  WatermarkingTableSource(ScanTableSource kafka, WatermarkRules rules, Versions versions) {
    this.kafka = kafka;
    this.rules = rules;
    this.versions = versions;
  }

  @Override
  public ChangelogMode getChangelogMode() {
    return kafka.getChangelogMode();
  }

  @Override
  public ScanRuntimeProvider getScanRuntimeProvider(ScanContext context) {
    return new Provider(
        (DataStreamScanProvider) kafka.getScanRuntimeProvider(context), strategy, rules, versions);
  }

  @Override
  public void applyWatermark(WatermarkStrategy<RowData> pushedDown) {
    strategy = pushedDown;
  }

  @Override
  public Map<String, DataType> listReadableMetadata() {
    return ((SupportsReadingMetadata) kafka).listReadableMetadata();
  }

  @Override
  public void applyReadableMetadata(List<String> keys, DataType produced) {
    ((SupportsReadingMetadata) kafka).applyReadableMetadata(keys, produced);
  }

  @Override
  public boolean supportsMetadataProjection() {
    return ((SupportsReadingMetadata) kafka).supportsMetadataProjection();
  }

  @Override
  public DynamicTableSource copy() {
    WatermarkingTableSource copy =
        new WatermarkingTableSource((ScanTableSource) kafka.copy(), rules, versions);
    copy.strategy = strategy;
    return copy;
  }

  @Override
  public String asSummaryString() {
    return kafka.asSummaryString();
  }

  /**
   * Puts the source in the place of Kafka's, and what keeps its watermark over restarts behind it.
   *
   * <p>The planner is not told of the readers' number. If it were, and the job had another, it
   * would deal the rows out in turns before it sends each to its key: a thread more for every row,
   * and rows of one key would overtake each other.
   */
  private record Provider(
      DataStreamScanProvider kafka,
      WatermarkStrategy<RowData> strategy,
      WatermarkRules rules,
      Versions versions)
      implements DataStreamScanProvider {

    @Override
    public DataStream<RowData> produceDataStream(
        ProviderContext context, StreamExecutionEnvironment environment) {
      DataStream<RowData> rows = read(context, environment);
      return versions == null ? rows : versions.behind(rows, context);
    }

    private DataStream<RowData> read(
        ProviderContext context, StreamExecutionEnvironment environment) {
      DataStream<RowData> made = kafka.produceDataStream(context, environment);
      OptionalInt readers = kafka.getParallelism().map(OptionalInt::of).orElse(OptionalInt.empty());
      if (strategy == null) {
        readers.ifPresent(made.getTransformation()::setParallelism);
        return made;
      }
      Transformation<RowData> transformation = made.getTransformation();
      DataStreamSource<RowData> rows = environment.fromSource(
          new WatermarkingSource(sourceOf(transformation), strategy, rules),
          WatermarkStrategy.noWatermarks(),
          transformation.getName());
      rows.uid(transformation.getUid());
      SingleOutputStreamOperator<RowData> restored =
          rows.transform("watermark", rows.getType(), new WatermarkRestorer());
      context.generateUid("watermark").ifPresent(restored::uid);
      readers.ifPresent(number -> {
        rows.getTransformation().setParallelism(number);
        restored.setParallelism(number);
      });
      return restored;
    }

    @SuppressWarnings("unchecked")
    private static KafkaSource<RowData> sourceOf(Transformation<RowData> transformation) {
      return (KafkaSource<RowData>)
          ((SourceTransformation<RowData, ?, ?>) transformation).getSource();
    }

    @Override
    public boolean isBounded() {
      return kafka.isBounded();
    }
  }
}
