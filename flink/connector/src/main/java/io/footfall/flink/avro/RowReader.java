package io.footfall.flink.avro;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.avro.shaded.org.apache.avro.LogicalType;
import org.apache.flink.avro.shaded.org.apache.avro.LogicalTypes;
import org.apache.flink.avro.shaded.org.apache.avro.Schema;
import org.apache.flink.table.data.DecimalData;
import org.apache.flink.table.data.GenericArrayData;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.data.TimestampData;
import org.apache.flink.table.types.logical.ArrayType;
import org.apache.flink.table.types.logical.DecimalType;
import org.apache.flink.table.types.logical.LogicalTypeRoot;
import org.apache.flink.table.types.logical.RowType;

/**
 * Reads records of one writer's schema straight into rows: a field that is a column is converted, any other is skipped.
 * Columns are matched by name, so the records of several topics fit one table.
 */
final class RowReader {

  private static final int NOT_A_COLUMN = -1;

  private final Value[] values;
  private final int[] columns;
  private final int width;

  /**
   * @throws UnreadableException a column cannot hold its field, or must not be null and has none
   */
  RowReader(Schema writer, RowType table) {
    if (writer.getType() != Schema.Type.RECORD) {
      throw new UnreadableException("its schema is a " + writer.getType() + ", not a record");
    }
    Map<String, Integer> byName = new HashMap<>();
    for (int column = 0; column < table.getFieldCount(); column++) {
      byName.put(table.getFieldNames().get(column), column);
    }
    List<Schema.Field> fields = writer.getFields();
    values = new Value[fields.size()];
    columns = new int[fields.size()];
    width = table.getFieldCount();
    for (int index = 0; index < values.length; index++) {
      Schema.Field field = fields.get(index);
      Integer column = byName.remove(field.name());
      columns[index] = column == null ? NOT_A_COLUMN : column;
      values[index] = column == null ? Skipper.of(field.schema()) : reader(field.schema(), table.getTypeAt(column), field.name());
    }
    byName.forEach(
        (name, column) -> {
          if (!table.getTypeAt(column).isNullable()) {
            throw new UnreadableException("schema " + writer.getFullName() + " has no field " + name);
          }
        });
  }

  void read(AvroBytes bytes, GenericRowData row) {
    readFields(bytes, row);
    if (bytes.left() > 0) {
      throw new UnreadableException(bytes.left() + " bytes after the record");
    }
  }

  private void readFields(AvroBytes bytes, GenericRowData row) {
    for (int index = 0; index < values.length; index++) {
      Object value = values[index].read(bytes);
      if (columns[index] != NOT_A_COLUMN) {
        row.setField(columns[index], value);
      }
    }
  }

  GenericRowData newRow() {
    return new GenericRowData(width);
  }

  private static Value reader(Schema schema, org.apache.flink.table.types.logical.LogicalType type, String name) {
    if (schema.getType() == Schema.Type.UNION) {
      Value[] branches =
          schema.getTypes().stream().map(branch -> branchReader(branch, type, name)).toArray(Value[]::new);
      return bytes -> branches[bytes.readIndex(branches.length, "union branch")].read(bytes);
    }
    if (schema.getType() == Schema.Type.NULL) {
      throw new UnreadableException(name + " is always null");
    }
    Value value = plainReader(schema, type.getTypeRoot(), type);
    if (value == null) {
      throw new UnreadableException(name + " is " + schema + ", which does not fit " + type);
    }
    return value;
  }

  /** A branch that does not fit is no reason to refuse the schema: only records that use it are unreadable. */
  private static Value branchReader(
      Schema branch, org.apache.flink.table.types.logical.LogicalType type, String name) {
    if (branch.getType() == Schema.Type.NULL) {
      return bytes -> {
        if (!type.isNullable()) {
          throw new UnreadableException(name + " is null");
        }
        return null;
      };
    }
    Value value = plainReader(branch, type.getTypeRoot(), type);
    return value != null
        ? value
        : bytes -> {
          throw new UnreadableException(name + " is " + branch.getType() + ", which does not fit " + type);
        };
  }

  private static Value plainReader(
      Schema schema, LogicalTypeRoot root, org.apache.flink.table.types.logical.LogicalType type) {
    LogicalType meaning = schema.getLogicalType();
    switch (schema.getType()) {
      case STRING:
        return root == LogicalTypeRoot.VARCHAR ? bytes -> StringData.fromBytes(bytes.readUtf8()) : null;
      case ENUM:
        StringData[] symbols = schema.getEnumSymbols().stream().map(StringData::fromString).toArray(StringData[]::new);
        return root == LogicalTypeRoot.VARCHAR ? bytes -> symbols[bytes.readIndex(symbols.length, "enum symbol")] : null;
      case BOOLEAN:
        return root == LogicalTypeRoot.BOOLEAN ? AvroBytes::readBoolean : null;
      case INT:
        return root == LogicalTypeRoot.BIGINT
            ? bytes -> (long) bytes.readInt()
            : root == LogicalTypeRoot.INTEGER
                ? AvroBytes::readInt
                : root == LogicalTypeRoot.DATE ? bytes -> LogicalValues.day(bytes.readInt()) : null;
      case LONG:
        if (root == LogicalTypeRoot.TIMESTAMP_WITHOUT_TIME_ZONE) {
          return meaning instanceof LogicalTypes.TimestampMillis
              ? bytes -> TimestampData.fromEpochMillis(LogicalValues.millis(bytes.readLong()))
              : meaning instanceof LogicalTypes.TimestampMicros
                  ? bytes -> TimestampData.fromEpochMillis(LogicalValues.micros(bytes.readLong()))
                  : null;
        }
        return root == LogicalTypeRoot.BIGINT ? AvroBytes::readLong : null;
      case FLOAT:
        return root == LogicalTypeRoot.DOUBLE ? bytes -> (double) bytes.readFloat() : null;
      case DOUBLE:
        return root == LogicalTypeRoot.DOUBLE ? AvroBytes::readDouble : null;
      case BYTES:
        if (meaning instanceof LogicalTypes.Decimal && root == LogicalTypeRoot.DECIMAL) {
          LogicalTypes.Decimal decimal = (LogicalTypes.Decimal) meaning;
          return decimal(decimal.getPrecision(), decimal.getScale(), (DecimalType) type);
        }
        return root == LogicalTypeRoot.VARBINARY ? AvroBytes::readBytes : null;
      case RECORD:
        return root == LogicalTypeRoot.ROW ? record(new RowReader(schema, (RowType) type)) : null;
      case ARRAY:
        return root == LogicalTypeRoot.ARRAY
            ? array(reader(schema.getElementType(), ((ArrayType) type).getElementType(), "an item"))
            : null;
      default:
        return null;
    }
  }

  private static Value record(RowReader reader) {
    return bytes -> {
      GenericRowData row = reader.newRow();
      reader.readFields(bytes, row);
      return row;
    };
  }

  private static Value array(Value item) {
    return bytes -> {
      List<Object> items = new ArrayList<>();
      Blocks.read(bytes, () -> items.add(item.read(bytes)));
      return new GenericArrayData(items.toArray());
    };
  }

  private static Value decimal(int precision, int scale, DecimalType type) {
    return bytes -> {
      BigDecimal exact = LogicalValues.decimal(bytes.readBytes(), precision, scale);
      DecimalData value = DecimalData.fromBigDecimal(exact, type.getPrecision(), type.getScale());
      if (value == null) {
        throw new UnreadableException("a decimal that does not fit " + type);
      }
      return value;
    };
  }
}
