package io.footfall.flink.source;

import io.footfall.flink.avro.AvroRowFormatFactory;
import java.util.HashSet;
import java.util.Set;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.streaming.connectors.kafka.table.KafkaDynamicTableFactory;
import org.apache.flink.table.connector.source.DynamicTableSource;
import org.apache.flink.table.connector.source.ScanTableSource;

/**
 * Connector {@code footfall-kafka}: Flink's Kafka table with every option it has, and watermarks
 * that look at lag.
 */
public final class WatermarkingTableFactory extends KafkaDynamicTableFactory {

  @Override
  public String factoryIdentifier() {
    return "footfall-kafka";
  }

  @Override
  public Set<ConfigOption<?>> optionalOptions() {
    Set<ConfigOption<?>> options = new HashSet<>(super.optionalOptions());
    options.addAll(WatermarkOptions.ALL);
    return options;
  }

  @Override
  public DynamicTableSource createDynamicTableSource(Context context) {
    WatermarkRules rules = WatermarkOptions.of(context, false, AvroRowFormatFactory.REASON_COLUMN);
    return new WatermarkingTableSource(
        (ScanTableSource) super.createDynamicTableSource(context), rules, null);
  }
}
