package io.footfall.flink;

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
 * A source's clock: it passes rows on, never goes back, not even by a restart, and never stands aside as idle.
 *
 * <p>When rows come again after a time without any, such as a broker's restart, the partitions' backlogs are read one after the
 * other, and none waits for those that have not been heard of yet. So the clock stands still a moment first: what is read in it
 * is not late because of what was read before it.
 *
 * <p>Flink does not restore watermarks. After a failure a source would begin without one, and whoever asks it would find rows
 * on time that the restored windows behind it have long closed, and drop. So the clock is part of the checkpoint, and is told
 * to those behind before the first row.
 */
class SteadyOperator extends AbstractStreamOperator<RowData> implements OneInputStreamOperator<RowData, RowData> {

  private static final long serialVersionUID = 1L;
  /** Milliseconds that the clock stands still on waking up; the first fetch of every partition takes less. */
  private static final long WAKING = 2_000;

  private transient ListState<Long> checkpointed;
  private transient long clock;
  private transient boolean told;
  /** Where the source's own clock is. */
  private transient long heard;
  private transient boolean asleep;
  private transient long standsUntil;

  @Override
  public void initializeState(StateInitializationContext context) throws Exception {
    super.initializeState(context);
    checkpointed =
        context.getOperatorStateStore().getUnionListState(new ListStateDescriptor<>("clock", Types.LONG));
    clock = Long.MIN_VALUE;
    if (context.isRestored()) {
      // The slowest subtask's: those behind have gone no further, and partitions may have changed hands.
      long slowest = Long.MAX_VALUE;
      for (long each : checkpointed.get()) {
        slowest = Math.min(slowest, each);
      }
      clock = slowest == Long.MAX_VALUE ? Long.MIN_VALUE : slowest;
    }
    told = clock == Long.MIN_VALUE;
    heard = clock;
  }

  @Override
  public void snapshotState(StateSnapshotContext context) throws Exception {
    super.snapshotState(context);
    checkpointed.clear();
    checkpointed.add(clock);
  }

  @Override
  public void processElement(StreamRecord<RowData> row) {
    if (!told) {
      tell();
    }
    output.collect(row);
  }

  @Override
  public void processWatermark(Watermark watermark) {
    heard = Math.max(heard, watermark.getTimestamp());
    boolean isEnd = heard == Long.MAX_VALUE;
    if (isEnd || getProcessingTimeService().getCurrentProcessingTime() >= standsUntil) {
      follow();
    }
  }

  @Override
  public void processWatermarkStatus(WatermarkStatus status) throws Exception {
    if (status.isIdle()) {
      asleep = true;
      return;
    }
    if (asleep) {
      asleep = false;
      standsUntil = getProcessingTimeService().getCurrentProcessingTime() + WAKING;
      getProcessingTimeService().registerTimer(standsUntil, time -> follow());
    }
    super.processWatermarkStatus(status);
  }

  private void follow() {
    if (heard > clock) {
      clock = heard;
      tell();
    }
  }

  private void tell() {
    told = true;
    output.emitWatermark(new Watermark(clock));
  }
}
