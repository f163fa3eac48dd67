package io.footfall.flink.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.dag.Transformation;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.transformations.SourceTransformation;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.api.Schema;
import org.apache.flink.table.api.ValidationException;
import org.apache.flink.table.catalog.CatalogTable;
import org.apache.flink.table.catalog.Column;
import org.apache.flink.table.catalog.ObjectIdentifier;
import org.apache.flink.table.catalog.ResolvedCatalogTable;
import org.apache.flink.table.catalog.ResolvedSchema;
import org.apache.flink.table.catalog.UniqueConstraint;
import org.apache.flink.table.catalog.WatermarkSpec;
import org.apache.flink.table.connector.ProviderContext;
import org.apache.flink.table.connector.source.DataStreamScanProvider;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.expressions.FieldReferenceExpression;
import org.apache.flink.table.factories.DynamicTableFactory;
import org.apache.flink.table.factories.FactoryUtil;
import org.apache.flink.table.runtime.connector.source.ScanRuntimeProviderContext;
import org.apache.flink.types.RowKind;
import org.junit.jupiter.api.Test;

/** What Flink's planner gets from the connectors' factories, without a broker. */
class TableFactoriesTest {

  private static final String READER =
      "[{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"id\",\"type\":\"string\"},"
          + "{\"name\":\"time\",\"type\":{\"type\":\"long\",\"logicalType\":\"timestamp-millis\"}}]}]";

  @Test
  void aTableWithAWatermarkIsReadByTheSourceThatLooksAtLag() {
    WatermarkingTableSource table = table("footfall-kafka", Map.of());
    table.applyWatermark(WatermarkStrategy.noWatermarks());

    Transformation<?> restorer = read((WatermarkingTableSource) table.copy());

    assertThat(restorer.getName()).isEqualTo("watermark");
    assertThat(restorer.getUid()).isEqualTo("uid of watermark");
    SourceTransformation<?, ?, ?> source =
        (SourceTransformation<?, ?, ?>) restorer.getInputs().get(0);
    assertThat(source.getSource()).isInstanceOf(WatermarkingSource.class);
    assertThat(source.getUid()).isNotNull();
  }

  @Test
  void aTableWithoutAWatermarkIsReadByKafkasSource() {
    SourceTransformation<?, ?, ?> source =
        (SourceTransformation<?, ?, ?>) read(table("footfall-kafka", Map.of()));

    assertThat(source.getSource()).isInstanceOf(KafkaSource.class);
  }

  @Test
  void aTableOfVersionsEndsThemBehindItsSource() {
    WatermarkingTableSource table = table("footfall-upsert-kafka", Map.of());
    table.applyWatermark(WatermarkStrategy.noWatermarks());

    Transformation<?> versions = read(table);

    assertThat(versions.getName()).isEqualTo("versions");
    assertThat(versions.getUid()).isEqualTo("uid of versions");
    assertThat(versions.getInputs())
        .extracting(Transformation::getName)
        .containsExactly("watermark");
    assertThat(table.getChangelogMode().getContainedKinds())
        .containsExactlyInAnyOrder(RowKind.UPDATE_AFTER, RowKind.DELETE);
  }

  @Test
  void readersAreAsManyAsTheTableSays() {
    WatermarkingTableSource table = table("footfall-kafka", Map.of("scan.parallelism", "3"));
    table.applyWatermark(WatermarkStrategy.noWatermarks());

    Transformation<?> restorer = read(table);

    assertThat(restorer.getParallelism()).isEqualTo(3);
    assertThat(restorer.getInputs().get(0).getParallelism()).isEqualTo(3);
  }

  @Test
  void metadataIsThatOfKafkasTable() {
    WatermarkingTableSource table = table("footfall-kafka", Map.of());

    assertThat(table.listReadableMetadata()).containsKeys("topic", "partition", "offset");
    assertThat(table.supportsMetadataProjection()).isFalse();
    assertThat(table.asSummaryString()).isEqualTo("Kafka table source");
    table.applyReadableMetadata(List.of("topic"), DataTypes.ROW());
  }

  @Test
  void rulesAreWhatTheTableSays() {
    DynamicTableFactory.Context context = context(
        "footfall-kafka",
        true,
        Map.of(
            "watermark.idle-timeout", "3 s",
            "watermark.quiet-margin", "1 min",
            "watermark.interval", "50 ms",
            "scan.watermark.emit.strategy", "on-event"));

    assertThat(WatermarkOptions.of(context, false, "id"))
        .isEqualTo(new WatermarkRules(
            false, Duration.ofSeconds(3), Duration.ofMinutes(1), Duration.ofMillis(50), true, 0));
    assertThat(WatermarkOptions.of(context("footfall-kafka", true, Map.of()), true, "none"))
        .isEqualTo(new WatermarkRules(
            true, Duration.ofSeconds(10), null, Duration.ofMillis(200), false, -1));
  }

  @Test
  void rulesDecideWhoseWatermarksTheyAre() {
    WatermarkRules events = new WatermarkRules(
        false, Duration.ofSeconds(1), Duration.ofSeconds(2), Duration.ofMillis(200), false, -1);
    WatermarkRules versions =
        new WatermarkRules(true, Duration.ofSeconds(1), null, Duration.ofMillis(200), false, -1);

    assertThat(events.watermarks(false, 2)).isInstanceOf(LiveWatermarks.class);
    assertThat(events.watermarks(true, 1)).isInstanceOf(BoundedWatermarks.class);
    assertThat(versions.watermarks(false, 1)).isInstanceOf(VersionWatermarks.class);
  }

  @Test
  void optionsOfFlinksOwnThatWouldUndoItAreRefused() {
    assertThatThrownBy(() -> table("footfall-kafka", Map.of("scan.watermark.idle-timeout", "1 s")))
        .isInstanceOf(ValidationException.class)
        .hasMessageContaining("scan.watermark.idle-timeout")
        .hasMessageContaining("watermark.idle-timeout");
  }

  @Test
  void aTableOfVersionsNeedsAWatermark() {
    DynamicTableFactory.Context context = context("footfall-upsert-kafka", false, Map.of());

    assertThatThrownBy(() -> new WatermarkingUpsertTableFactory().createDynamicTableSource(context))
        .isInstanceOf(ValidationException.class)
        .hasMessageContaining("WATERMARK");
  }

  private static Transformation<?> read(WatermarkingTableSource table) {
    DataStreamScanProvider provider =
        (DataStreamScanProvider) table.getScanRuntimeProvider(ScanRuntimeProviderContext.INSTANCE);
    ProviderContext uids = name -> Optional.of("uid of " + name);
    DataStream<RowData> rows =
        provider.produceDataStream(uids, StreamExecutionEnvironment.getExecutionEnvironment());
    assertThat(provider.isBounded()).isFalse();
    return rows.getTransformation();
  }

  private static WatermarkingTableSource table(String connector, Map<String, String> more) {
    DynamicTableFactory.Context context = context(connector, true, more);
    return (WatermarkingTableSource) (connector.equals("footfall-kafka")
            ? new WatermarkingTableFactory()
            : new WatermarkingUpsertTableFactory())
        .createDynamicTableSource(context);
  }

  private static DynamicTableFactory.Context context(
      String connector, boolean hasWatermark, Map<String, String> more) {
    Map<String, String> options = new HashMap<>(more);
    options.put("connector", connector);
    options.put("topic", "clickstream");
    options.put("properties.bootstrap.servers", "localhost:1");
    options.put("properties.group.id", "group");
    String format = "format";
    if (connector.equals("footfall-upsert-kafka")) {
      options.put("key.format", "raw");
      format = "value.format";
    } else {
      options.put("scan.startup.mode", "earliest-offset");
    }
    options.put(format, "footfall-avro");
    String prefix = format.equals("format") ? "footfall-avro." : "value.footfall-avro.";
    options.put(prefix + "url", "http://localhost:1");
    options.put(prefix + "readers", READER);
    ResolvedSchema schema = new ResolvedSchema(
        List.of(
            Column.physical("id", DataTypes.STRING().notNull()),
            Column.physical("time", DataTypes.TIMESTAMP(3))),
        hasWatermark
            ? List.of(WatermarkSpec.of(
                "time", new FieldReferenceExpression("time", DataTypes.TIMESTAMP(3), 0, 1)))
            : List.of(),
        connector.equals("footfall-upsert-kafka")
            ? UniqueConstraint.primaryKey("pk", List.of("id"))
            : null,
        List.of());
    CatalogTable table = CatalogTable.newBuilder()
        .schema(Schema.newBuilder().build())
        .options(options)
        .build();
    return new FactoryUtil.DefaultDynamicTableContext(
        ObjectIdentifier.of("shop", "shop", "clickstream"),
        new ResolvedCatalogTable(table, schema),
        Map.of(),
        new Configuration(),
        TableFactoriesTest.class.getClassLoader(),
        true);
  }
}
