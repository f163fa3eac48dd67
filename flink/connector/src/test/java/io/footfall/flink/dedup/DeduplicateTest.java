package io.footfall.flink.dedup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.footfall.flink.harness.FunctionHarness;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.api.ValidationException;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.data.TimestampData;
import org.apache.flink.table.types.DataType;
import org.apache.flink.types.ColumnList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DeduplicateTest {

  private static final long WINDOW = 1_000;
  private static final DataType EVENTS = DataTypes.ROW(
      DataTypes.FIELD("time", DataTypes.TIMESTAMP(3)),
      DataTypes.FIELD("shelf", DataTypes.STRING()),
      DataTypes.FIELD("id", DataTypes.STRING()));

  private FunctionHarness harness;

  @BeforeEach
  void open() throws Exception {
    harness = opened(null, "id");
  }

  @AfterEach
  void close() throws Exception {
    harness.close();
  }

  @Test
  void everyRowIsPassedOnAndSaysWhetherItIsADuplicate() throws Exception {
    harness
        .row(row("a", "x", 0))
        .row(row("a", "x", WINDOW))
        .row(row("a", "y", WINDOW))
        .row(row("a", "x", WINDOW + 1));

    assertThat(harness.output())
        .extracting("id", "is_duplicate")
        .containsExactly(tuple("x", false), tuple("x", true), tuple("y", false), tuple("x", false));
  }

  @Test
  void partitionsKnowNothingOfEachOther() throws Exception {
    harness.row(row("a", "x", 0)).row(row("b", "x", 0));

    assertThat(harness.output()).extracting("is_duplicate").containsExactly(false, false);
  }

  @Test
  void idsAreForgottenWhenNoDuplicateOfThemCanComeOnTime() throws Exception {
    for (int number = 0; number < 16; number++) {
      harness.row(row("a", "old" + number, number));
    }
    harness.watermark(WINDOW + 15);

    harness.row(row("a", "new", WINDOW + 16));
    // Behind the watermark: it would be a duplicate if its id were still known.
    harness.row(row("a", "old0", 0)).row(row("a", "new", WINDOW + 16));

    assertThat(harness.output())
        .hasSize(19)
        .last()
        .satisfies(row -> assertThat(row).containsEntry("is_duplicate", true));
    harness.row(row("a", "old15", 15));
    assertThat(harness.output()).extracting("is_duplicate").containsExactly(false);
  }

  @Test
  void idsThatMayStillComeAgainAreKept() throws Exception {
    for (int number = 0; number < 100; number++) {
      harness.row(row("a", "x" + number, number)).watermark(number);
    }
    for (int number = 0; number < 100; number++) {
      harness.row(row("a", "x" + number, 100));
    }

    assertThat(harness.output().subList(100, 200)).extracting("is_duplicate").containsOnly(true);
  }

  @Test
  void whatWasReadOutlivesACheckpoint() throws Exception {
    harness.row(row("a", "x", 0));
    OperatorSubtaskState state = harness.snapshot();

    try (FunctionHarness restored = opened(state, "id")) {
      restored.row(row("a", "x", 1));

      assertThat(restored.output()).extracting("is_duplicate").containsExactly(true);
    }
  }

  @Test
  void theIdMustBeATextColumn() {
    assertThatThrownBy(() -> opened(null, "time"))
        .isInstanceOf(ValidationException.class)
        .hasMessageContaining("[time]");
    assertThatThrownBy(() -> opened(null, "none")).isInstanceOf(ValidationException.class);
    assertThatThrownBy(() -> opened(null, "id", "shelf")).isInstanceOf(ValidationException.class);
  }

  private static org.assertj.core.groups.Tuple tuple(Object... values) {
    return org.assertj.core.groups.Tuple.tuple(values);
  }

  private static FunctionHarness opened(OperatorSubtaskState state, String... id) throws Exception {
    return FunctionHarness.open(new Deduplicate(), EVENTS, 0, 1, state, ColumnList.of(id), WINDOW);
  }

  private static GenericRowData row(String shelf, String id, long time) {
    return GenericRowData.of(
        TimestampData.fromEpochMillis(time),
        StringData.fromString(shelf),
        StringData.fromString(id));
  }
}
