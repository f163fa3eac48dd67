package io.footfall.flink.shopper;

import java.util.Arrays;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.types.DataType;

/** An accepted row that waits, with its time behind the last column. */
final class TimedRow {

  static final DataType TYPE = type();

  private static final int WIDTH = UserEventRow.EVENT_FIELDS.length;

  private TimedRow() {}

  static RowData of(RowData accepted, long time) {
    GenericRowData timed = new GenericRowData(WIDTH + 1);
    for (int column = 0; column < WIDTH; column++) {
      timed.setField(column, ((GenericRowData) accepted).getField(column));
    }
    timed.setField(WIDTH, time);
    return timed;
  }

  private static DataType type() {
    DataTypes.Field[] fields =
        Arrays.copyOf(UserEventRow.EVENT_FIELDS, UserEventRow.EVENT_FIELDS.length + 1);
    fields[UserEventRow.EVENT_FIELDS.length] = DataTypes.FIELD("time", DataTypes.BIGINT());
    return DataTypes.ROW(fields).bridgedTo(RowData.class);
  }
}
