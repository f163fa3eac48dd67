package io.footfall.flink.avro;

import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.avro.shaded.org.apache.avro.Schema;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.JsonNode;
import org.apache.flink.table.data.ArrayData;
import org.apache.flink.table.data.DecimalData;
import org.apache.flink.table.data.GenericArrayData;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.TimestampData;
import org.apache.flink.table.types.logical.ArrayType;
import org.apache.flink.table.types.logical.BigIntType;
import org.apache.flink.table.types.logical.BooleanType;
import org.apache.flink.table.types.logical.DateType;
import org.apache.flink.table.types.logical.DecimalType;
import org.apache.flink.table.types.logical.DoubleType;
import org.apache.flink.table.types.logical.IntType;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.RowType;
import org.apache.flink.table.types.logical.TimestampType;
import org.apache.flink.table.types.logical.VarBinaryType;
import org.apache.flink.table.types.logical.VarCharType;

/** Tables for readers' schemas, and their rows as JSON has them. */
final class Columns {

  private Columns() {}

  /** A table with every field of the schemas, and with the columns for what cannot be read. */
  static RowType of(List<Schema> readers) {
    Map<String, LogicalType> columns = new LinkedHashMap<>();
    readers.forEach(reader ->
        reader.getFields().forEach(field -> columns.put(field.name(), type(field.schema()))));
    columns.put(AvroRowDecoder.REASON, new VarCharType(VarCharType.MAX_LENGTH));
    columns.put(AvroRowDecoder.RAW, new VarBinaryType(VarBinaryType.MAX_LENGTH));
    return RowType.of(
        columns.values().toArray(LogicalType[]::new), columns.keySet().toArray(String[]::new));
  }

  private static LogicalType type(Schema reader) {
    Schema schema = Readers.branch(reader);
    Meaning meaning = Meaning.of(schema);
    switch (schema.getType()) {
      case STRING:
      case ENUM:
        return new VarCharType(VarCharType.MAX_LENGTH);
      case BOOLEAN:
        return new BooleanType();
      case INT:
        return meaning.kind() == Meaning.Kind.DATE ? new DateType() : new IntType();
      case LONG:
        return meaning.kind() == Meaning.Kind.TIMESTAMP_MILLIS
            ? new TimestampType(3)
            : new BigIntType();
      case DOUBLE:
        return new DoubleType();
      case BYTES:
        return meaning.kind() == Meaning.Kind.DECIMAL
            ? new DecimalType(meaning.precision(), meaning.scale())
            : new VarBinaryType(VarBinaryType.MAX_LENGTH);
      case ARRAY:
        return new ArrayType(type(schema.getElementType()));
      default:
        return RowType.of(
            schema.getFields().stream()
                .map(field -> type(field.schema()))
                .toArray(LogicalType[]::new),
            schema.getFields().stream().map(Schema.Field::name).toArray(String[]::new));
    }
  }

  /** The columns of a row that a record has; all others must be null. */
  static Map<String, Object> named(GenericRowData row, RowType table, JsonNode record) {
    Map<String, Object> values = new LinkedHashMap<>();
    for (int column = 0; column < row.getArity(); column++) {
      String name = table.getFieldNames().get(column);
      Object value = plain(row.getField(column), table.getTypeAt(column));
      if (value != null || record.has(name)) {
        values.put(name, value);
      }
    }
    return values;
  }

  private static Object plain(Object value, LogicalType type) {
    if (value == null || value instanceof Boolean) {
      return value;
    }
    if (value instanceof byte[] array) {
      return Base64.getEncoder().encodeToString(array);
    }
    if (value instanceof TimestampData timestampData) {
      String time = timestampData.toLocalDateTime().toString();
      // Java leaves out what is zero.
      String whole = time.length() == 16 ? time + ":00" : time;
      return whole + (whole.length() == 19 ? ".000Z" : "Z");
    }
    if (type instanceof DateType) {
      return LocalDate.ofEpochDay((Integer) value).toString();
    }
    if (value instanceof DecimalData decimalData) {
      return decimalData.toBigDecimal().toPlainString();
    }
    if (value instanceof Number) {
      return number(new BigDecimal(value.toString()));
    }
    if (value instanceof ArrayData) {
      List<Object> items = new ArrayList<>();
      for (Object item : ((GenericArrayData) value).toObjectArray()) {
        items.add(plain(item, ((ArrayType) type).getElementType()));
      }
      return items;
    }
    if (value instanceof GenericRowData genericRowData) {
      RowType row = (RowType) type;
      Map<String, Object> fields = new LinkedHashMap<>();
      for (int index = 0; index < row.getFieldCount(); index++) {
        fields.put(
            row.getFieldNames().get(index),
            plain(genericRowData.getField(index), row.getTypeAt(index)));
      }
      return fields;
    }
    return value.toString();
  }

  static Object plain(JsonNode node) {
    if (node.isObject()) {
      Map<String, Object> fields = new LinkedHashMap<>();
      node.fields().forEachRemaining(field -> fields.put(field.getKey(), plain(field.getValue())));
      return fields;
    }
    if (node.isArray()) {
      List<Object> items = new ArrayList<>();
      node.forEach(item -> items.add(plain(item)));
      return items;
    }
    if (node.isNumber()) {
      return number(new BigDecimal(node.asText()));
    }
    return node.isNull() ? null : node.isBoolean() ? node.asBoolean() : node.asText();
  }

  private static BigDecimal number(BigDecimal value) {
    return value.signum() == 0 ? BigDecimal.ZERO : value.stripTrailingZeros();
  }
}
