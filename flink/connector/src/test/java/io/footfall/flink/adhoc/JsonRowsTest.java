package io.footfall.flink.adhoc;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.catalog.Column;
import org.apache.flink.table.catalog.ResolvedSchema;
import org.apache.flink.table.types.DataType;
import org.apache.flink.types.Row;
import org.apache.flink.types.RowKind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class JsonRowsTest {

  static Stream<Arguments> values() {
    DataType item = DataTypes.ROW(
        DataTypes.FIELD("id", DataTypes.STRING()), DataTypes.FIELD("count", DataTypes.INT()));
    return Stream.of(
        Arguments.of(DataTypes.STRING(), null, "null"),
        Arguments.of(DataTypes.STRING(), "a \"b\"", "\"a \\\"b\\\"\""),
        Arguments.of(DataTypes.BOOLEAN(), true, "true"),
        Arguments.of(DataTypes.BIGINT(), Long.MIN_VALUE, "-9223372036854775808"),
        Arguments.of(DataTypes.INT(), 7, "7"),
        Arguments.of(DataTypes.SMALLINT(), (short) 7, "7"),
        Arguments.of(DataTypes.TINYINT(), (byte) 7, "7"),
        Arguments.of(DataTypes.DOUBLE(), 0.1, "0.1"),
        Arguments.of(DataTypes.DOUBLE(), Double.NaN, "\"NaN\""),
        Arguments.of(DataTypes.FLOAT(), Float.POSITIVE_INFINITY, "\"Infinity\""),
        Arguments.of(DataTypes.DECIMAL(38, 6), new BigDecimal("1.100000"), "\"1.100000\""),
        Arguments.of(DataTypes.DATE(), LocalDate.of(2026, 3, 2), "\"2026-03-02\""),
        Arguments.of(
            DataTypes.TIMESTAMP(3),
            LocalDateTime.of(2026, 3, 2, 10, 0),
            "\"2026-03-02T10:00:00.000\""),
        Arguments.of(
            DataTypes.TIMESTAMP_LTZ(3),
            Instant.parse("2026-03-02T10:00:00.5Z"),
            "\"2026-03-02T10:00:00.500Z\""),
        Arguments.of(DataTypes.BYTES(), new byte[] {1, 2, 3}, "\"AQID\""),
        Arguments.of(item, Row.of("mug", 2), "{\"id\":\"mug\",\"count\":2}"),
        Arguments.of(
            DataTypes.ARRAY(item),
            new Object[] {Row.of("mug", null)},
            "[{\"id\":\"mug\",\"count\":null}]"),
        Arguments.of(
            DataTypes.MAP(DataTypes.STRING(), DataTypes.INT()), Map.of("a", 1), "{\"a\":1}"));
  }

  @ParameterizedTest(name = "{0} {2}")
  @MethodSource("values")
  void aValueIsJsonThatLosesNothing(DataType type, Object value, String json) {
    JsonRows rows = new JsonRows(ResolvedSchema.of(Column.physical("value", type)));

    assertThat(rows.json(Row.of(value))).hasToString("[\"+I\"," + json + "]");
  }

  @Test
  void aRowBeginsWithWhatHappenedToIt() {
    ResolvedSchema schema = ResolvedSchema.of(
        Column.physical("id", DataTypes.STRING()), Column.physical("count", DataTypes.BIGINT()));

    assertThat(JsonRows.header(schema)).hasToString("{\"columns\":[\"id\",\"count\"]}");
    assertThat(new JsonRows(schema).json(Row.ofKind(RowKind.UPDATE_BEFORE, "mug", 1L)))
        .hasToString("[\"-U\",\"mug\",1]");
  }
}
