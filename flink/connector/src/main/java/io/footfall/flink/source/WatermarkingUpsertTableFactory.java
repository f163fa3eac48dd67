package io.footfall.flink.source;

import io.footfall.flink.avro.AvroRowFormatFactory;
import io.footfall.flink.versions.Versions;
import java.util.HashSet;
import java.util.Set;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.streaming.connectors.kafka.table.UpsertKafkaDynamicTableFactory;
import org.apache.flink.table.connector.source.DynamicTableSource;
import org.apache.flink.table.connector.source.ScanTableSource;

/**
 * Connector {@code footfall-upsert-kafka}: Flink's table of versions, whose watermark says how far
 * it has been read.
 */
public final class WatermarkingUpsertTableFactory extends UpsertKafkaDynamicTableFactory {

  @Override
  public String factoryIdentifier() {
    return "footfall-upsert-kafka";
  }

  @Override
  public Set<ConfigOption<?>> optionalOptions() {
    Set<ConfigOption<?>> options = new HashSet<>(super.optionalOptions());
    options.addAll(WatermarkOptions.ALL);
    return options;
  }

  @Override
  public DynamicTableSource createDynamicTableSource(Context context) {
    WatermarkRules rules = WatermarkOptions.of(context, true, AvroRowFormatFactory.REASON_COLUMN);
    Versions versions = Versions.of(context.getCatalogTable().getResolvedSchema());
    return new WatermarkingTableSource(
        (ScanTableSource) super.createDynamicTableSource(context), rules, versions);
  }
}
