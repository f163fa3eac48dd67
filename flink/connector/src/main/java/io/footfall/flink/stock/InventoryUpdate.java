package io.footfall.flink.stock;

import io.footfall.flink.state.StateBuffer;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.types.DataType;

/** Reads the columns of an inventory update. */
final class InventoryUpdate {

  private static final DataType TEXT = DataTypes.STRING().notNull().bridgedTo(StringData.class);

  static final DataTypes.Field[] FIELDS = {
    DataTypes.FIELD("update_id", TEXT),
    DataTypes.FIELD("product_id", TEXT),
    DataTypes.FIELD("warehouse_id", TEXT),
    DataTypes.FIELD("traceparent", TEXT),
    DataTypes.FIELD("quantity_on_hand", DataTypes.INT().notNull()),
    DataTypes.FIELD("units_sold", DataTypes.BIGINT().notNull()),
  };

  /** How many columns are texts: the first ones. */
  private static final int TEXTS = 4;

  static final int QUANTITY = TEXTS;
  static final int UNITS = QUANTITY + 1;

  private InventoryUpdate() {}

  /**
   * Appends an update to others.
   *
   * @param update a row
   * @param first its first column after its time
   */
  static void write(StateBuffer out, RowData update, int first) {
    for (int column = 0; column < TEXTS; column++) {
      out.writeText(update.getString(first + column).toBytes());
    }
    out.writeInt(update.getInt(first + QUANTITY));
    out.writeLong(update.getLong(first + UNITS));
  }

  /** Reads what {@link #write} wrote, to a row with room for one column more. */
  static GenericRowData read(StateBuffer in) {
    GenericRowData row = new GenericRowData(FIELDS.length + 1);
    for (int column = 0; column < TEXTS; column++) {
      row.setField(column, StringData.fromBytes(in.readText()));
    }
    row.setField(QUANTITY, in.readInt());
    row.setField(UNITS, in.readLong());
    return row;
  }
}
