package io.footfall.flink.adhoc;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.JsonNode;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.node.ArrayNode;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.node.JsonNodeFactory;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.node.ObjectNode;
import org.apache.flink.table.catalog.ResolvedSchema;
import org.apache.flink.table.types.DataType;
import org.apache.flink.table.types.logical.ArrayType;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.MapType;
import org.apache.flink.table.types.logical.RowType;
import org.apache.flink.types.Row;

/**
 * Rows of a result as JSON: numbers and truths as they are, decimals as text so that none loses a
 * digit, times in ISO 8601.
 */
final class JsonRows {

  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS");

  private final List<LogicalType> types;

  JsonRows(ResolvedSchema schema) {
    types = schema.getColumnDataTypes().stream().map(DataType::getLogicalType).toList();
  }

  static ObjectNode header(ResolvedSchema schema) {
    ObjectNode header = NODES.objectNode();
    schema.getColumnNames().forEach(header.putArray("columns")::add);
    return header;
  }

  /** What happened to the row (+I, -U, +U, -D), then its values. */
  ArrayNode json(Row row) {
    ArrayNode values = NODES.arrayNode().add(row.getKind().shortString());
    for (int column = 0; column < types.size(); column++) {
      values.add(value(row.getField(column), types.get(column)));
    }
    return values;
  }

  private static JsonNode value(Object value, LogicalType type) {
    if (value == null) {
      return NODES.nullNode();
    }
    if (value instanceof Boolean truth) {
      return NODES.booleanNode(truth);
    }
    if (value instanceof Long
        || value instanceof Integer
        || value instanceof Short
        || value instanceof Byte) {
      return NODES.numberNode(((Number) value).longValue());
    }
    if ((value instanceof Double || value instanceof Float)
        && Double.isFinite(((Number) value).doubleValue())) {
      return NODES.numberNode(((Number) value).doubleValue());
    }
    if (value instanceof LocalDateTime time) {
      return NODES.textNode(TIME.format(time));
    }
    if (value instanceof Instant time) {
      return NODES.textNode(TIME.format(time.atOffset(ZoneOffset.UTC)) + "Z");
    }
    if (value instanceof byte[] bytes) {
      return NODES.binaryNode(bytes);
    }
    if (value instanceof Row row && type instanceof RowType record) {
      ObjectNode fields = NODES.objectNode();
      for (int field = 0; field < record.getFieldCount(); field++) {
        fields.set(
            record.getFieldNames().get(field), value(row.getField(field), record.getTypeAt(field)));
      }
      return fields;
    }
    if (value instanceof Object[] items && type instanceof ArrayType array) {
      ArrayNode list = NODES.arrayNode();
      for (Object item : items) {
        list.add(value(item, array.getElementType()));
      }
      return list;
    }
    if (value instanceof Map<?, ?> map && type instanceof MapType mapped) {
      ObjectNode fields = NODES.objectNode();
      map.forEach(
          (key, item) -> fields.set(String.valueOf(key), value(item, mapped.getValueType())));
      return fields;
    }
    return NODES.textNode(value.toString());
  }
}
