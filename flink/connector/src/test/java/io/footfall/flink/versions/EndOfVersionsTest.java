package io.footfall.flink.versions;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.data.TimestampData;
import org.apache.flink.types.RowKind;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class EndOfVersionsTest {

  private OneInputStreamOperatorTestHarness<RowData, RowData> harness;

  @BeforeEach
  void open() throws Exception {
    harness = new OneInputStreamOperatorTestHarness<>(new EndOfVersions(1, new int[] {0}));
    harness.open();
  }

  @AfterEach
  void close() throws Exception {
    harness.close();
  }

  @Test
  void aDeletionGetsTheTimeOfItsMessage() throws Exception {
    harness.processElement(row(RowKind.DELETE, "mug", null), 1_500);

    assertEquals(List.of(row(RowKind.DELETE, "mug", 1_500L)), passed());
  }

  @Test
  void aVersionKeepsTheTimeFromWhichOnItIsValid() throws Exception {
    harness.processElement(row(RowKind.UPDATE_AFTER, "mug", 1_000L), 1_500);

    assertEquals(List.of(row(RowKind.UPDATE_AFTER, "mug", 1_000L)), passed());
  }

  @Test
  void whatHasNoKeyNamesNothingAndGoesNoFurther() throws Exception {
    harness.processElement(row(RowKind.DELETE, null, null), 1_500);

    assertTrue(passed().isEmpty());
  }

  private List<RowData> passed() {
    return harness.extractOutputStreamRecords().stream()
        .<RowData>map(StreamRecord::getValue)
        .toList();
  }

  private static RowData row(RowKind kind, String key, Long validFrom) {
    return GenericRowData.ofKind(
        kind,
        StringData.fromString(key),
        validFrom == null ? null : TimestampData.fromEpochMillis(validFrom));
  }
}
