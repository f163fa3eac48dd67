package io.footfall.flink.source;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ConfigOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.table.api.ValidationException;
import org.apache.flink.table.factories.DynamicTableFactory;
import org.apache.flink.table.factories.FactoryUtil;
import org.apache.flink.table.watermark.WatermarkEmitStrategy;

/**
 * What a table of connectors {@code footfall-kafka} and {@code footfall-upsert-kafka} can be told
 * of its watermark.
 */
final class WatermarkOptions {

  static final ConfigOption<Duration> IDLE_TIMEOUT = ConfigOptions.key("watermark.idle-timeout")
      .durationType()
      .defaultValue(Duration.ofSeconds(10))
      .withDescription(
          "How long a partition that is read to its end must be without rows to hold the watermark no more.");
  static final ConfigOption<Duration> QUIET_MARGIN = ConfigOptions.key("watermark.quiet-margin")
      .durationType()
      .noDefaultValue()
      .withDescription(
          "How far behind the wall clock the watermark follows when all partitions are quiet; without it, it stands.");
  static final ConfigOption<Duration> INTERVAL = ConfigOptions.key("watermark.interval")
      .durationType()
      .defaultValue(Duration.ofMillis(200))
      .withDescription("Time between two looks at the watermark.");
  static final Set<ConfigOption<?>> ALL = Set.of(IDLE_TIMEOUT, QUIET_MARGIN, INTERVAL);

  /** Flink's own, which would do nothing here, or undo what this source is for. */
  private static final List<String> REFUSED = List.of(
      "scan.watermark.idle-timeout",
      "scan.watermark.alignment.group",
      "scan.watermark.alignment.max-drift");

  private WatermarkOptions() {}

  /** The rules that a table asks for. */
  static WatermarkRules of(
      DynamicTableFactory.Context context, boolean versions, String reasonColumn) {
    var texts = context.getCatalogTable().getOptions();
    for (String refused : REFUSED) {
      if (texts.containsKey(refused)) {
        throw new ValidationException(
            "option '" + refused + "' has no place here; use '" + IDLE_TIMEOUT.key() + "'");
      }
    }
    Configuration options = Configuration.fromMap(texts);
    return new WatermarkRules(
        versions,
        options.get(IDLE_TIMEOUT),
        options.get(QUIET_MARGIN),
        options.get(INTERVAL),
        options.get(FactoryUtil.WATERMARK_EMIT_STRATEGY) == WatermarkEmitStrategy.ON_EVENT,
        org.apache.flink.table.types.DataType.getFieldNames(context.getPhysicalRowDataType())
            .indexOf(reasonColumn));
  }
}
