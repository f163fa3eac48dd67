package io.footfall.flink.versions;

import java.util.List;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.table.api.ValidationException;
import org.apache.flink.table.catalog.Column;
import org.apache.flink.table.catalog.ResolvedSchema;
import org.apache.flink.table.connector.ProviderContext;
import org.apache.flink.table.data.RowData;

/**
 * What a table of versions needs behind its source: {@link EndOfVersions}.
 *
 * @param validFrom column of the time from which on a version is valid
 * @param key columns of the key
 */
public record Versions(int validFrom, int[] key) {

  /**
   * What a table of versions needs.
   *
   * @param schema of the table; its watermark's column says from which time on a version is valid
   */
  public static Versions of(ResolvedSchema schema) {
    if (schema.getWatermarkSpecs().isEmpty()) {
      throw new ValidationException(
          "a table of versions needs a WATERMARK for the time from which on a version is valid");
    }
    List<String> columns = schema.getColumns().stream()
        .filter(Column::isPhysical)
        .map(Column::getName)
        .toList();
    int validFrom = columns.indexOf(schema.getWatermarkSpecs().get(0).getRowtimeAttribute());
    return new Versions(validFrom, schema.getPrimaryKeyIndexes());
  }

  /** Chains it behind what reads the table. */
  public DataStream<RowData> behind(DataStream<RowData> rows, ProviderContext context) {
    SingleOutputStreamOperator<RowData> versions =
        rows.transform("versions", rows.getType(), new EndOfVersions(validFrom, key));
    context.generateUid("versions").ifPresent(versions::uid);
    versions.getTransformation().setParallelism(rows.getParallelism(), false);
    return versions;
  }
}
