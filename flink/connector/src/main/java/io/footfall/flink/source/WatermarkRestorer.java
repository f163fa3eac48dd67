package io.footfall.flink.source;

import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.runtime.watermarkstatus.WatermarkStatus;
import org.apache.flink.table.data.RowData;

/**
 * Keeps a source's watermark over restarts, and the source awake.
 *
 * <p>Flink does not restore watermarks. After a failure a source would begin without one, and
 * whoever asks it would find rows on time that the restored windows behind it have long closed, and
 * drop. So the watermark is part of the checkpoint, and is told to those behind before the first
 * row.
 *
 * <p>Were the source to become idle, the status would travel to the subtasks behind it on separate
 * channels. When it resumes, one subtask may pass on the new watermark before its neighbour has
 * passed on the rows under it, and an operator that hears both drops those rows as late.
 */
final class WatermarkRestorer extends AbstractStreamOperator<RowData>
    implements OneInputStreamOperator<RowData, RowData> {

  private static final long serialVersionUID = 1L;

  private transient ListState<Long> checkpointed;
  private transient long watermark;
  private transient boolean told;

  @Override
  public void initializeState(StateInitializationContext context) throws Exception {
    super.initializeState(context);
    checkpointed = context
        .getOperatorStateStore()
        .getUnionListState(new ListStateDescriptor<>("watermark", Types.LONG));
    watermark = Long.MIN_VALUE;
    if (context.isRestored()) {
      // The slowest subtask's: those behind have gone no further, and partitions may have changed
      // hands.
      long slowest = Long.MAX_VALUE;
      for (long each : checkpointed.get()) {
        slowest = Math.min(slowest, each);
      }
      watermark = slowest == Long.MAX_VALUE ? Long.MIN_VALUE : slowest;
    }
    told = watermark == Long.MIN_VALUE;
  }

  @Override
  public void snapshotState(StateSnapshotContext context) throws Exception {
    super.snapshotState(context);
    checkpointed.clear();
    checkpointed.add(watermark);
  }

  @Override
  public void processElement(StreamRecord<RowData> row) {
    if (!told) {
      tell();
    }
    output.collect(row);
  }

  @Override
  public void processWatermark(Watermark next) {
    if (next.getTimestamp() > watermark) {
      watermark = next.getTimestamp();
      tell();
    }
  }

  @Override
  public void processWatermarkStatus(WatermarkStatus status) {
    // Never idle.
  }

  private void tell() {
    told = true;
    output.emitWatermark(new Watermark(watermark));
  }
}
