package io.footfall.flink.avro;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ConfigOptions;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.table.connector.ChangelogMode;
import org.apache.flink.table.connector.format.DecodingFormat;
import org.apache.flink.table.connector.source.DynamicTableSource;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.factories.DeserializationFormatFactory;
import org.apache.flink.table.factories.DynamicTableFactory;
import org.apache.flink.table.factories.FactoryUtil;
import org.apache.flink.table.types.DataType;
import org.apache.flink.table.types.logical.RowType;

/**
 * Format {@code footfall-avro}: Confluent's wire format decoded straight into rows (see
 * {@link AvroRowDecoder}).
 */
public class AvroRowFormatFactory implements DeserializationFormatFactory {

  /** Column that says why a message could not be read. */
  public static final String REASON_COLUMN = AvroRowDecoder.REASON;

  static final ConfigOption<String> URL = ConfigOptions.key("url")
      .stringType()
      .noDefaultValue()
      .withDescription("Base address of a Confluent-compatible schema registry.");
  static final ConfigOption<Map<String, String>> PROPERTIES = ConfigOptions.key("properties")
      .mapType()
      .defaultValue(Map.of())
      .withDescription(
          "Further settings of the registry's client, such as schema.registry.ssl.truststore.location.");
  static final ConfigOption<String> CREDENTIALS_SOURCE = ConfigOptions.key(
          "basic-auth.credentials-source")
      .stringType()
      .noDefaultValue()
      .withDescription("Where the registry's user comes from: USER_INFO is basic-auth.user-info.");
  /** Named so that Flink takes it for a secret, and hides it in its messages. */
  static final ConfigOption<String> USER_INFO = ConfigOptions.key("basic-auth.user-info")
      .stringType()
      .noDefaultValue()
      .withDescription("user:password of the registry.");

  static final ConfigOption<String> READERS = ConfigOptions.key("readers")
      .stringType()
      .noDefaultValue()
      .withDescription(
          "Avro schemas of the topics' records as a list: what the columns mean, what is taken for a field that is missing or "
              + "a symbol that is new, and by attribute footfall of a field which values make a message unreadable.");
  static final ConfigOption<Duration> MAX_FUTURE_SKEW = ConfigOptions.key("max-future-skew")
      .durationType()
      .noDefaultValue()
      .withDescription(
          "How far ahead of the clock a time may lie; a message further ahead is unreadable.");
  static final ConfigOption<Tombstones> TOMBSTONES = ConfigOptions.key("tombstones")
      .enumType(Tombstones.class)
      .defaultValue(Tombstones.REPORT)
      .withDescription(
          "Whether a message without a value is unreadable or, as in a compacted topic, nothing to read.");

  /** What becomes of a message without a value. */
  public enum Tombstones {
    REPORT,
    SKIP
  }

  @Override
  public String factoryIdentifier() {
    return "footfall-avro";
  }

  @Override
  public Set<ConfigOption<?>> requiredOptions() {
    return Set.of(URL, READERS);
  }

  @Override
  public Set<ConfigOption<?>> optionalOptions() {
    return Set.of(PROPERTIES, CREDENTIALS_SOURCE, USER_INFO, MAX_FUTURE_SKEW, TOMBSTONES);
  }

  @Override
  public DecodingFormat<DeserializationSchema<RowData>> createDecodingFormat(
      DynamicTableFactory.Context context, ReadableConfig options) {
    FactoryUtil.validateFactoryOptions(this, options);
    String url = options.get(URL);
    Map<String, String> properties = new HashMap<>(options.get(PROPERTIES));
    options
        .getOptional(CREDENTIALS_SOURCE)
        .ifPresent(source -> properties.put("basic.auth.credentials.source", source));
    options.getOptional(USER_INFO).ifPresent(user -> properties.put("basic.auth.user.info", user));
    String readers = options.get(READERS);
    List<String> topics = topics(context.getCatalogTable().getOptions().get("topic"));
    Duration ahead = options.getOptional(MAX_FUTURE_SKEW).orElse(null);
    boolean skipsTombstones = options.get(TOMBSTONES) == Tombstones.SKIP;
    return new DecodingFormat<>() {
      @Override
      public DeserializationSchema<RowData> createRuntimeDecoder(
          DynamicTableSource.Context source, DataType columns) {
        RowType table = (RowType) columns.getLogicalType();
        Readers.parse(readers, topics).check(table);
        return new AvroRowDecoder(
            table,
            source.createTypeInformation(columns),
            url,
            properties,
            readers,
            topics,
            new TimeLimit(table, ahead),
            skipsTombstones);
      }

      @Override
      public ChangelogMode getChangelogMode() {
        return ChangelogMode.insertOnly();
      }
    };
  }

  /** The topics as Kafka's table has them in one option. */
  private static List<String> topics(String option) {
    return option == null ? List.of() : List.of(option.split(";"));
  }
}
