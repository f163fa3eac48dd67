package io.footfall.flink.clock;

import static org.assertj.core.api.Assertions.assertThat;

import io.footfall.flink.harness.FunctionHarness;
import java.time.Instant;
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

class SumByClockTest {

  private static final long HOUR = 3_600_000;
  private static final DataType AMOUNTS = DataTypes.ROW(
          DataTypes.FIELD("time", DataTypes.TIMESTAMP(3)),
          DataTypes.FIELD("amount", DataTypes.BIGINT()),
          DataTypes.FIELD("currency", DataTypes.STRING()))
      .bridgedTo(RowData.class);

  @Test
  void amountsOfAnHourAreOneRowWhenItIsOver() throws Exception {
    try (FunctionHarness harness = opened(null, "UTC")) {
      harness
          .row(amount("2026-03-02T10:00:00Z", 1))
          .row(amount("2026-03-02T10:59:59.999Z", 2))
          .row(amount("2026-03-02T11:00:00Z", 4))
          .watermark(millis("2026-03-02T11:00:00Z") - 2);
      assertThat(harness.output()).isEmpty();

      harness.watermark(millis("2026-03-02T11:00:00Z") - 1);

      List<Map<String, Object>> rows = harness.output();
      assertThat(rows).hasSize(1);
      assertThat(rows.get(0))
          .containsEntry("window_start", millis("2026-03-02T10:00:00Z"))
          .containsEntry("window_end", millis("2026-03-02T11:00:00Z"))
          .containsEntry("local_start", millis("2026-03-02T10:00:00Z"))
          .containsEntry("total", 3L);
    }
  }

  @Test
  void anHourThatTheClockGoesThroughTwiceIsTwo() throws Exception {
    try (FunctionHarness harness = opened(null, "Europe/Berlin")) {
      harness
          .row(amount("2026-10-25T00:30:00Z", 1))
          .row(amount("2026-10-25T01:30:00Z", 2))
          .watermark(millis("2026-10-25T02:00:00Z"));

      assertThat(harness.output())
          .extracting("local_start", "total")
          .containsExactly(
              org.assertj.core.groups.Tuple.tuple(millis("2026-10-25T02:00:00Z"), 1L),
              org.assertj.core.groups.Tuple.tuple(millis("2026-10-25T02:00:00Z"), 2L));
    }
  }

  @Test
  void whatIsOpenOutlivesACheckpoint() throws Exception {
    OperatorSubtaskState state;
    try (FunctionHarness harness = opened(null, "UTC")) {
      harness.row(amount("2026-03-02T10:00:00Z", 1));
      state = harness.snapshot();
    }

    try (FunctionHarness restored = opened(state, "UTC")) {
      restored.row(amount("2026-03-02T10:01:00Z", 2)).watermark(millis("2026-03-02T11:00:00Z"));

      assertThat(restored.output()).extracting("total").containsExactly(3L);
    }
  }

  private static FunctionHarness opened(OperatorSubtaskState state, String zone) throws Exception {
    return FunctionHarness.open(new SumByClock(), AMOUNTS, 0, 2, state, HOUR, zone);
  }

  private static GenericRowData amount(String time, long amount) {
    return GenericRowData.of(
        TimestampData.fromEpochMillis(millis(time)), amount, StringData.fromString("EUR"));
  }

  private static long millis(String time) {
    return Instant.parse(time).toEpochMilli();
  }
}
