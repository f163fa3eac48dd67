package io.footfall.flink.stock;

import static org.assertj.core.api.Assertions.assertThat;

import io.footfall.flink.harness.FunctionHarness;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.data.TimestampData;
import org.apache.flink.table.types.DataType;
import org.junit.jupiter.api.Test;

/** The two functions in Flink's own operators. */
class ForecastsTest {

  private static final long TEN = Instant.parse("2026-03-02T10:00:00Z").toEpochMilli();
  private static final long MINUTE = 60_000;
  private static final DataType TEXT = DataTypes.STRING().notNull().bridgedTo(StringData.class);
  private static final DataType UPDATES = DataTypes.ROW(
          DataTypes.FIELD("event_time", DataTypes.TIMESTAMP(3)),
          DataTypes.FIELD("update_id", TEXT),
          DataTypes.FIELD("product_id", TEXT),
          DataTypes.FIELD("warehouse_id", TEXT),
          DataTypes.FIELD("traceparent", TEXT),
          DataTypes.FIELD("quantity_on_hand", DataTypes.INT().notNull()),
          DataTypes.FIELD("units_sold", DataTypes.BIGINT().notNull()),
          DataTypes.FIELD("rhythm", DataTypes.BYTES().notNull()),
          DataTypes.FIELD("shop", TEXT))
      .bridgedTo(RowData.class);

  @Test
  void updatesComeInOrderOfTheirTimesWhenNoEarlierOneCan() throws Exception {
    try (FunctionHarness harness = ordering(null)) {
      harness
          .row(update("m2", TEN + 2, "mug", 8, 1))
          .row(update("m1", TEN + 1, "mug", 9, 1))
          .row(update("m3", TEN + 2, "mug", 7, 0))
          .watermark(TEN + 1);
      assertThat(harness.output()).extracting("update_id").containsExactly("m1");

      harness.watermark(TEN + 2);

      List<Map<String, Object>> rows = harness.output();
      assertThat(rows).extracting("update_id").containsExactly("m2", "m3");
      assertThat(rows.get(0))
          .containsEntry("product_id", "mug")
          .containsEntry("warehouse_id", "w1")
          .containsEntry("traceparent", "trace of m2")
          .containsEntry("quantity_on_hand", 8)
          .containsEntry("units_sold", 1L)
          .containsEntry("rowtime", TEN + 2);
      assertThat(harness.timers()).isZero();
    }
  }

  @Test
  void whatWaitsAndWhatIsCountedOutlivesACheckpoint() throws Exception {
    long day = 24 * Rhythm.HOUR;
    OperatorSubtaskState state;
    try (FunctionHarness harness = ordering(null)) {
      harness.row(update("first", TEN - day, "mug", 8, 1));
      for (int sale = 0; sale < 100; sale++) {
        harness.row(update("m" + sale, TEN + sale, "mug", 8, 1));
      }
      harness.row(update("receipt", TEN + MINUTE, "mug", 8, 0)).watermark(TEN + 50);
      harness.output();
      state = harness.snapshot();
    }

    try (FunctionHarness restored = ordering(state)) {
      restored.row(update("next", TEN + day, "mug", 8, 1)).watermark(TEN + day);

      List<Map<String, Object>> rows = restored.output();
      assertThat(rows).hasSize(51);
      long[] sales = new long[24];
      sales[10] = 100;
      assertThat(rows.get(50))
          .containsEntry("update_id", "next")
          .containsEntry("rhythm", HexFormat.of().formatHex(Rhythm.of(sales, 30).toBytes()));
    }
  }

  @Test
  void eachUpdateHasTheForecastOfItsStock() throws Exception {
    OperatorSubtaskState state;
    try (FunctionHarness harness = forecasting(null)) {
      for (int sale = 0; sale < 4; sale++) {
        harness.row(update("m" + sale, TEN + sale * (10 * MINUTE), "mug", 99 - sale, 1));
      }
      assertThat(harness.output())
          .hasSize(4)
          .allSatisfy(row -> assertThat(row).doesNotContainKey("sales_per_hour"));
      state = harness.snapshot();
    }

    try (FunctionHarness restored = forecasting(state)) {
      restored.row(update("m4", TEN + 40 * MINUTE, "mug", 95, 1));

      assertThat(restored.output())
          .singleElement()
          .satisfies(row -> assertThat(row)
              .containsEntry("update_id", "m4")
              .containsEntry("sales_per_hour", 7.5)
              .containsEntry("stockout_at", TEN + (12 * 60 + 44) * MINUTE)
              .containsKeys("stockout_earliest", "stockout_latest"));
    }
  }

  private static FunctionHarness ordering(OperatorSubtaskState state) throws Exception {
    return FunctionHarness.open(new AddRhythm(), UPDATES, 0, 8, state, "UTC");
  }

  private static FunctionHarness forecasting(OperatorSubtaskState state) throws Exception {
    return FunctionHarness.open(new ForecastStock(), UPDATES, 0, 2, state, "UTC");
  }

  private static GenericRowData update(
      String id, long time, String product, int quantity, long units) {
    return GenericRowData.of(
        TimestampData.fromEpochMillis(time),
        StringData.fromString(id),
        StringData.fromString(product),
        StringData.fromString("w1"),
        StringData.fromString("trace of " + id),
        quantity,
        units,
        Rhythm.of(new long[24], 0).toBytes(),
        StringData.fromString("shop"));
  }
}
