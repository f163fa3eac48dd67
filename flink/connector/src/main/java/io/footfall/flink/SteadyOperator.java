package io.footfall.flink;

import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.runtime.watermarkstatus.WatermarkStatus;
import org.apache.flink.table.data.RowData;

/** Passes rows and watermarks on, and the news that its input is idle to nobody. */
class SteadyOperator extends AbstractStreamOperator<RowData> implements OneInputStreamOperator<RowData, RowData> {

  private static final long serialVersionUID = 1L;

  @Override
  public void processElement(StreamRecord<RowData> row) {
    output.collect(row);
  }

  @Override
  public void processWatermarkStatus(WatermarkStatus status) throws Exception {
    if (status.isActive()) {
      super.processWatermarkStatus(status);
    }
  }
}
