package io.footfall.flink.avro;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.functions.util.ListCollector;
import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.api.Schema;
import org.apache.flink.table.api.ValidationException;
import org.apache.flink.table.catalog.CatalogTable;
import org.apache.flink.table.catalog.Column;
import org.apache.flink.table.catalog.ObjectIdentifier;
import org.apache.flink.table.catalog.ResolvedCatalogTable;
import org.apache.flink.table.catalog.ResolvedSchema;
import org.apache.flink.table.connector.ChangelogMode;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.factories.FactoryUtil;
import org.apache.flink.table.runtime.connector.source.ScanRuntimeProviderContext;
import org.apache.flink.table.types.DataType;
import org.apache.flink.util.SimpleUserCodeClassLoader;
import org.apache.flink.util.UserCodeClassLoader;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The format as a table's options make it, against a registry that knows one schema. */
class AvroRowFormatFactoryTest {

  private static final String RECORD =
      "{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"time\","
          + "\"type\":{\"type\":\"long\",\"logicalType\":\"timestamp-millis\"}}]}";
  private static final DataType TABLE = DataTypes.ROW(
      DataTypes.FIELD("time", DataTypes.TIMESTAMP(3)),
      DataTypes.FIELD("decode_error", DataTypes.STRING()));

  private HttpServer registry;

  @BeforeEach
  void begin() throws IOException {
    String schema = RECORD.replace("\"", "\\\"");
    registry = Stubs.registry(path -> new Stubs.Answer(200, "{\"schema\": \"" + schema + "\"}"));
  }

  @AfterEach
  void end() {
    registry.stop(0);
  }

  @Test
  void messagesBecomeRows() throws Exception {
    DeserializationSchema<RowData> format = opened(Map.of());
    List<RowData> rows = new ArrayList<>();

    format.deserialize(new byte[] {0, 0, 0, 0, 7, 2}, new ListCollector<>(rows));

    assertThat(rows).hasSize(1);
    assertThat(rows.get(0).getTimestamp(0, 3).getMillisecond()).isEqualTo(1);
    assertThat(rows.get(0).isNullAt(1)).isTrue();
    assertThat(format.isEndOfStream(rows.get(0))).isFalse();
    assertThat(format.getProducedType()).isNotNull();
  }

  @Test
  void whatIsNoMessageSaysWhy() throws Exception {
    DeserializationSchema<RowData> format = opened(Map.of());

    assertThat(reason(format, new byte[] {0, 0, 0, 0, 7}))
        .isEqualTo("5 bytes are too short for the wire format");
    assertThat(reason(format, new byte[] {1, 0, 0, 0, 7, 2})).isEqualTo("magic byte is 1, not 0");
    assertThat(reason(format, new byte[] {0, 0, 0, 0, 7, 2, 2}))
        .isEqualTo("1 bytes after the record");
    assertThat(reason(format, new byte[] {0, -1, 0, 0, 7, 2}))
        .isEqualTo("schema id 4278190087 is not in the registry");
  }

  @Test
  void aTombstoneIsReportedUnlessItIsToBeSkipped() throws Exception {
    assertThat(reason(opened(Map.of()), null)).isEqualTo("no value (a tombstone)");
    assertThat(opened(Map.of("tombstones", "skip")).deserialize(null)).isNull();
  }

  @Test
  void aTimeTooFarAheadIsUnreadable() throws Exception {
    DeserializationSchema<RowData> format = opened(Map.of("max-future-skew", "1 h"));
    long now = System.currentTimeMillis();

    assertThat(reason(format, message(now))).isNull();
    assertThat(reason(format, message(now + 7_200_000)))
        .isEqualTo(
            "time is " + Instant.ofEpochMilli(now + 7_200_000) + ", which lies in the future");
    assertThat(reason(opened(Map.of()), message(now + 7_200_000))).isNull();
  }

  @Test
  void aTableWithoutTheColumnDoesNotGetWhatCannotBeRead() throws Exception {
    DataType table = DataTypes.ROW(DataTypes.FIELD("time", DataTypes.TIMESTAMP(3)));

    assertThat(opened(Map.of(), table).deserialize(new byte[] {9})).isNull();
  }

  @Test
  void columnsThatCannotHoldTheirFieldsAreRefused() {
    DataType table = DataTypes.ROW(DataTypes.FIELD("time", DataTypes.STRING()));

    assertThatThrownBy(() -> opened(Map.of(), table))
        .isInstanceOf(ValidationException.class)
        .hasMessageContaining("column time is STRING");
  }

  @Test
  void optionsThatAreMissingAreRefused() {
    Configuration options = new Configuration();

    assertThatThrownBy(() -> new AvroRowFormatFactory().createDecodingFormat(context(), options))
        .isInstanceOf(ValidationException.class)
        .hasMessageContaining("url");
  }

  @Test
  void loginsGoToTheRegistry() throws Exception {
    List<String> logins = new ArrayList<>();
    registry.removeContext("/");
    registry.createContext("/", exchange -> {
      logins.add(exchange.getRequestHeaders().getFirst("Authorization"));
      byte[] body = "{\"error_code\": 40403}".getBytes(UTF_8);
      exchange.sendResponseHeaders(404, body.length);
      exchange.getResponseBody().write(body);
      exchange.close();
    });
    Map<String, String> login =
        Map.of("basic-auth.credentials-source", "USER_INFO", "basic-auth.user-info", "ann:secret");

    assertThat(reason(opened(login), message(0))).isEqualTo("schema id 7 is not in the registry");

    assertThat(logins)
        .containsExactly(
            "Basic " + Base64.getEncoder().encodeToString("ann:secret".getBytes(UTF_8)));
  }

  private DeserializationSchema<RowData> opened(Map<String, String> more) throws Exception {
    return opened(more, TABLE);
  }

  private DeserializationSchema<RowData> opened(Map<String, String> more, DataType table)
      throws Exception {
    Map<String, String> options = new HashMap<>(more);
    options.put("url", "http://localhost:" + registry.getAddress().getPort());
    options.put("readers", "[" + RECORD + "]");
    var decoding =
        new AvroRowFormatFactory().createDecodingFormat(context(), Configuration.fromMap(options));
    assertThat(decoding.getChangelogMode()).isEqualTo(ChangelogMode.insertOnly());
    DeserializationSchema<RowData> format =
        decoding.createRuntimeDecoder(ScanRuntimeProviderContext.INSTANCE, table);
    format.open(new Opening());
    return format;
  }

  private static FactoryUtil.DefaultDynamicTableContext context() {
    CatalogTable table = CatalogTable.newBuilder()
        .schema(Schema.newBuilder().build())
        .options(Map.of("topic", "clicks"))
        .build();
    ResolvedSchema schema = ResolvedSchema.of(Column.physical("time", DataTypes.TIMESTAMP(3)));
    return new FactoryUtil.DefaultDynamicTableContext(
        ObjectIdentifier.of("shop", "shop", "clicks"),
        new ResolvedCatalogTable(table, schema),
        Map.of(),
        new Configuration(),
        AvroRowFormatFactoryTest.class.getClassLoader(),
        true);
  }

  private static String reason(DeserializationSchema<RowData> format, byte[] message)
      throws IOException {
    RowData row = format.deserialize(message);
    return row.isNullAt(1) ? null : row.getString(1).toString();
  }

  private static byte[] message(long time) {
    byte[] bytes = new byte[16];
    bytes[4] = 7;
    int length = 5;
    for (long left = time << 1; left != 0 || length == 5; left >>>= 7) {
      bytes[length++] = (byte) (left > 0x7F ? left | 0x80 : left);
    }
    return Arrays.copyOf(bytes, length);
  }

  private record Opening() implements DeserializationSchema.InitializationContext {

    @Override
    public MetricGroup getMetricGroup() {
      return new UnregisteredMetricsGroup();
    }

    @Override
    public UserCodeClassLoader getUserCodeClassLoader() {
      return SimpleUserCodeClassLoader.create(AvroRowFormatFactoryTest.class.getClassLoader());
    }
  }
}
