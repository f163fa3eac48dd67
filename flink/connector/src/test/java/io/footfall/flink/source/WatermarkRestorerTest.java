package io.footfall.flink.source;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.runtime.watermarkstatus.WatermarkStatus;
import org.apache.flink.streaming.util.AbstractStreamOperatorTestHarness;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.junit.jupiter.api.Test;

class WatermarkRestorerTest {

  private static final int MOST = 8;
  private static final RowData ROW = GenericRowData.of(1);

  @Test
  void theWatermarkIsToldBeforeTheFirstRowAfterARestart() throws Exception {
    OperatorSubtaskState state = after(1, 100);

    try (var restored = restored(state, 1, 1, 0)) {
      restored.processElement(new StreamRecord<>(ROW));

      assertEquals(
          List.of(new Watermark(100), new StreamRecord<>(ROW)),
          new ArrayList<>(restored.getOutput()));
    }
  }

  @Test
  void fewerAndMoreSubtasksGoOnWhereTheSlowestWas() throws Exception {
    OperatorSubtaskState state = AbstractStreamOperatorTestHarness.repackageState(
        after(3, 300), after(3, 100), after(3, 200));

    for (int subtasks : new int[] {1, 2, 5}) {
      for (int index = 0; index < subtasks; index++) {
        try (var restored = restored(state, 3, subtasks, index)) {
          restored.processElement(new StreamRecord<>(ROW));

          assertEquals(new Watermark(100), restored.getOutput().peek(), subtasks + " subtasks");
        }
      }
    }
  }

  @Test
  void aWatermarkBehindTheRestoredOneIsNotPassedOn() throws Exception {
    try (var restored = restored(after(1, 100), 1, 1, 0)) {
      restored.processWatermark(new Watermark(50));
      restored.processElement(new StreamRecord<>(ROW));
      restored.processWatermark(new Watermark(101));

      assertEquals(
          List.of(new Watermark(100), new StreamRecord<>(ROW), new Watermark(101)),
          new ArrayList<>(restored.getOutput()));
    }
  }

  @Test
  void theSourceIsNeverIdle() throws Exception {
    try (var fresh = fresh(1, 0)) {
      fresh.open();
      fresh.processWatermarkStatus(WatermarkStatus.IDLE);
      fresh.processWatermarkStatus(WatermarkStatus.ACTIVE);

      assertEquals(List.of(), new ArrayList<>(fresh.getOutput()));
    }
  }

  @Test
  void theEndOfABoundedRunPasses() throws Exception {
    try (var fresh = fresh(1, 0)) {
      fresh.open();
      fresh.processWatermark(Watermark.MAX_WATERMARK);

      assertEquals(List.of(Watermark.MAX_WATERMARK), new ArrayList<>(fresh.getOutput()));
    }
  }

  private static OperatorSubtaskState after(int subtasks, long watermark) throws Exception {
    try (var harness = fresh(subtasks, 0)) {
      harness.open();
      harness.processWatermark(new Watermark(watermark));
      return harness.snapshot(1, 1);
    }
  }

  private static OneInputStreamOperatorTestHarness<RowData, RowData> restored(
      OperatorSubtaskState state, int before, int subtasks, int index) throws Exception {
    var harness = fresh(subtasks, index);
    harness.initializeState(AbstractStreamOperatorTestHarness.repartitionOperatorState(
        state, MOST, before, subtasks, index));
    harness.open();
    return harness;
  }

  private static OneInputStreamOperatorTestHarness<RowData, RowData> fresh(int subtasks, int index)
      throws Exception {
    return new OneInputStreamOperatorTestHarness<>(new WatermarkRestorer(), MOST, subtasks, index);
  }
}
