package io.footfall.flink.versions;

import java.util.List;
import org.apache.flink.streaming.connectors.kafka.table.KafkaDynamicSource;
import org.apache.flink.streaming.connectors.kafka.table.UpsertKafkaDynamicTableFactory;
import org.apache.flink.table.api.ValidationException;
import org.apache.flink.table.catalog.Column;
import org.apache.flink.table.catalog.ResolvedSchema;
import org.apache.flink.table.connector.source.DynamicTableSource;

/**
 * Connector {@code upsert-footfall-kafka}: Flink's upsert-kafka with every option it has, for versions that are joined as of a
 * time, of which a message without a value ends the last one at its own time (see {@link EndOfVersions}).
 */
public class VersionsTableFactory extends UpsertKafkaDynamicTableFactory {

  @Override
  public String factoryIdentifier() {
    return "upsert-footfall-kafka";
  }

  @Override
  public DynamicTableSource createDynamicTableSource(Context context) {
    ResolvedSchema schema = context.getCatalogTable().getResolvedSchema();
    List<String> columns = schema.getColumns().stream().filter(Column::isPhysical).map(Column::getName).toList();
    if (schema.getWatermarkSpecs().isEmpty()) {
      throw new ValidationException("a table of versions needs a watermark: it says from which time on a version is valid");
    }
    int validFrom = columns.indexOf(schema.getWatermarkSpecs().get(0).getRowtimeAttribute());
    int[] key = schema.getPrimaryKeyIndexes();
    return new VersionsSource((KafkaDynamicSource) super.createDynamicTableSource(context), validFrom, key);
  }
}
