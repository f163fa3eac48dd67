package io.footfall.flink.versions;

import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.table.api.ValidationException;
import org.apache.flink.table.catalog.Column;
import org.apache.flink.table.catalog.ResolvedSchema;
import org.apache.flink.table.connector.ChangelogMode;
import org.apache.flink.table.connector.ProviderContext;
import org.apache.flink.table.connector.source.DataStreamScanProvider;
import org.apache.flink.table.connector.source.DynamicTableSource;
import org.apache.flink.table.connector.source.ScanTableSource;
import org.apache.flink.table.connector.source.abilities.SupportsReadingMetadata;
import org.apache.flink.table.connector.source.abilities.SupportsWatermarkPushDown;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.types.DataType;

/** A table of versions with {@link EndOfVersions} chained behind what reads it. */
public final class VersionsSource implements ScanTableSource, SupportsReadingMetadata, SupportsWatermarkPushDown {

  private final ScanTableSource source;
  private final int validFrom;
  private final int[] key;

  private VersionsSource(ScanTableSource source, int validFrom, int[] key) {
    this.source = source;
    this.validFrom = validFrom;
    this.key = key;
  }

  /**
   * @param source reads the table; must be able to read metadata and to take a watermark
   * @param schema of the table; its watermark's column says from which time on a version is valid
   */
  public static VersionsSource of(ScanTableSource source, ResolvedSchema schema) {
    if (schema.getWatermarkSpecs().isEmpty()) {
      throw new ValidationException("a table of versions needs a WATERMARK for the time from which on a version is valid");
    }
    List<String> columns = schema.getColumns().stream().filter(Column::isPhysical).map(Column::getName).toList();
    int validFrom = columns.indexOf(schema.getWatermarkSpecs().get(0).getRowtimeAttribute());
    return new VersionsSource(source, validFrom, schema.getPrimaryKeyIndexes());
  }

  @Override
  public ScanRuntimeProvider getScanRuntimeProvider(ScanContext context) {
    return new Provider(
        (DataStreamScanProvider) source.getScanRuntimeProvider(context), new EndOfVersions(validFrom, key));
  }

  @Override
  public ChangelogMode getChangelogMode() {
    return source.getChangelogMode();
  }

  @Override
  public Map<String, DataType> listReadableMetadata() {
    return ((SupportsReadingMetadata) source).listReadableMetadata();
  }

  @Override
  public void applyReadableMetadata(List<String> metadataKeys, DataType producedDataType) {
    ((SupportsReadingMetadata) source).applyReadableMetadata(metadataKeys, producedDataType);
  }

  @Override
  public boolean supportsMetadataProjection() {
    return ((SupportsReadingMetadata) source).supportsMetadataProjection();
  }

  @Override
  public void applyWatermark(WatermarkStrategy<RowData> watermarkStrategy) {
    ((SupportsWatermarkPushDown) source).applyWatermark(watermarkStrategy);
  }

  @Override
  public DynamicTableSource copy() {
    return new VersionsSource((ScanTableSource) source.copy(), validFrom, key);
  }

  @Override
  public String asSummaryString() {
    return source.asSummaryString();
  }

  private record Provider(DataStreamScanProvider source, EndOfVersions ends) implements DataStreamScanProvider {

    @Override
    public DataStream<RowData> produceDataStream(ProviderContext context, StreamExecutionEnvironment environment) {
      DataStream<RowData> rows = source.produceDataStream(context, environment);
      SingleOutputStreamOperator<RowData> versions = rows.transform("versions", rows.getType(), ends);
      context.generateUid("versions").ifPresent(versions::uid);
      versions.getTransformation().setParallelism(rows.getParallelism(), false);
      return versions;
    }

    @Override
    public boolean isBounded() {
      return source.isBounded();
    }
  }
}
