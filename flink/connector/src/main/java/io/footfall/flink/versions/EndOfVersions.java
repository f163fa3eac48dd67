package io.footfall.flink.versions;

import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.TimestampData;
import org.apache.flink.types.RowKind;

/**
 * Gives the deletion of a row the time of its message, so that it ends the version then: events
 * before it still find the version, later ones find none, in whatever order they are read.
 *
 * <p>A message without a value says nothing but its key. Left as it is, its time would be 1970: it
 * would take the place of a version that is valid from then on, as those loaded in bulk are, for
 * all events not yet joined, and leave every other one be. One without a key, which deletes nothing
 * that has a name, goes no further.
 */
final class EndOfVersions extends AbstractStreamOperator<RowData>
    implements OneInputStreamOperator<RowData, RowData> {

  private static final long serialVersionUID = 1L;

  private final int validFrom;
  private final int[] key;

  /**
   * @param validFrom column of the time from which on a version is valid
   * @param key columns of the key
   */
  EndOfVersions(int validFrom, int[] key) {
    this.validFrom = validFrom;
    this.key = key;
  }

  @Override
  public void processElement(StreamRecord<RowData> element) {
    RowData row = element.getValue();
    for (int column : key) {
      if (row.isNullAt(column)) {
        return;
      }
    }
    if (row.getRowKind() == RowKind.DELETE) {
      // Kafka's source puts the time of the message beside each row.
      ((GenericRowData) row)
          .setField(validFrom, TimestampData.fromEpochMillis(element.getTimestamp()));
    }
    output.collect(element);
  }
}
