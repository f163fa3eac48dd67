package io.footfall.flink.avro;

import org.apache.flink.table.data.DecimalData;
import org.apache.flink.table.data.GenericArrayData;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.data.TimestampData;
import org.apache.flink.table.types.logical.DecimalType;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.RowType;

/**
 * A row that says nothing: null in every column, or what is nearest to it where null is not
 * allowed.
 */
final class NeutralRow {

  private NeutralRow() {}

  static GenericRowData of(RowType record) {
    GenericRowData row = new GenericRowData(record.getFieldCount());
    for (int column = 0; column < record.getFieldCount(); column++) {
      LogicalType type = record.getTypeAt(column);
      row.setField(column, type.isNullable() ? null : value(type));
    }
    return row;
  }

  private static Object value(LogicalType type) {
    switch (type.getTypeRoot()) {
      case VARCHAR:
        return StringData.fromString("");
      case INTEGER:
      case DATE:
        return 0;
      case BIGINT:
        return 0L;
      case DOUBLE:
        return 0.0;
      case BOOLEAN:
        return false;
      case DECIMAL:
        DecimalType decimal = (DecimalType) type;
        return DecimalData.zero(decimal.getPrecision(), decimal.getScale());
      case TIMESTAMP_WITHOUT_TIME_ZONE:
        return TimestampData.fromEpochMillis(0);
      case ARRAY:
        return new GenericArrayData(new Object[0]);
      case ROW:
        return of((RowType) type);
      default:
        return new byte[0];
    }
  }
}
