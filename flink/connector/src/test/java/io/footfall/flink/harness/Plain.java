package io.footfall.flink.harness;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.table.data.ArrayData;
import org.apache.flink.table.data.DecimalData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.data.TimestampData;
import org.apache.flink.table.types.logical.ArrayType;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.RowType;

/** Flink's rows as maps and values of Java that a test can compare and print. */
public final class Plain {

  private Plain() {}

  /**
   * Columns by name, without those that are null; times are milliseconds since 1970, decimals text.
   */
  public static Map<String, Object> row(RowData row, RowType type) {
    Map<String, Object> values = new LinkedHashMap<>();
    for (int column = 0; column < type.getFieldCount(); column++) {
      Object value = RowData.createFieldGetter(type.getTypeAt(column), column).getFieldOrNull(row);
      if (value != null) {
        values.put(type.getFieldNames().get(column), value(value, type.getTypeAt(column)));
      }
    }
    return values;
  }

  private static Object value(Object value, LogicalType type) {
    if (value instanceof StringData) {
      return value.toString();
    }
    if (value instanceof TimestampData time) {
      return time.getMillisecond();
    }
    if (value instanceof DecimalData decimal) {
      return decimal.toBigDecimal().toPlainString();
    }
    if (value instanceof byte[] bytes) {
      return HexFormat.of().formatHex(bytes);
    }
    if (value instanceof RowData row) {
      return row(row, (RowType) type);
    }
    if (value instanceof ArrayData array) {
      LogicalType item = ((ArrayType) type).getElementType();
      ArrayData.ElementGetter getter = ArrayData.createElementGetter(item);
      List<Object> items = new ArrayList<>();
      for (int index = 0; index < array.size(); index++) {
        items.add(value(getter.getElementOrNull(array, index), item));
      }
      return items;
    }
    return value;
  }
}
