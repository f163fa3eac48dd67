package io.footfall.flink.avro;

import org.apache.flink.avro.shaded.org.apache.avro.LogicalType;
import org.apache.flink.avro.shaded.org.apache.avro.LogicalTypes;
import org.apache.flink.avro.shaded.org.apache.avro.Schema;

/**
 * Reads over a value that is no column, and still sees that it is one: whether a message can be read must not depend on what is
 * read of it.
 */
final class Skipper {

  private Skipper() {}

  static Value of(Schema schema) {
    LogicalType meaning = schema.getLogicalType();
    switch (schema.getType()) {
      case NULL:
        return bytes -> null;
      case BOOLEAN:
        return skip(AvroBytes::readBoolean);
      case INT:
        return meaning instanceof LogicalTypes.Date
            ? skip(bytes -> LogicalValues.day(bytes.readInt()))
            : skip(AvroBytes::readInt);
      case LONG:
        return meaning instanceof LogicalTypes.TimestampMillis
            ? skip(bytes -> LogicalValues.millis(bytes.readLong()))
            : meaning instanceof LogicalTypes.TimestampMicros
                ? skip(bytes -> LogicalValues.micros(bytes.readLong()))
                : skip(AvroBytes::readLong);
      case FLOAT:
        return skipFixed(4);
      case DOUBLE:
        return skipFixed(8);
      case FIXED:
        return skipFixed(schema.getFixedSize());
      case BYTES:
        if (meaning instanceof LogicalTypes.Decimal) {
          LogicalTypes.Decimal decimal = (LogicalTypes.Decimal) meaning;
          return skip(bytes -> LogicalValues.decimal(bytes.readBytes(), decimal.getPrecision(), decimal.getScale()));
        }
        return bytes -> {
          bytes.skipBytes();
          return null;
        };
      case STRING:
        return bytes -> {
          bytes.skipUtf8();
          return null;
        };
      case ENUM:
        int symbols = schema.getEnumSymbols().size();
        return skip(bytes -> bytes.readIndex(symbols, "enum symbol"));
      case UNION:
        Value[] branches = schema.getTypes().stream().map(Skipper::of).toArray(Value[]::new);
        return bytes -> branches[bytes.readIndex(branches.length, "union branch")].read(bytes);
      case RECORD:
        Value[] fields = schema.getFields().stream().map(field -> of(field.schema())).toArray(Value[]::new);
        return bytes -> {
          for (Value field : fields) {
            field.read(bytes);
          }
          return null;
        };
      case ARRAY:
        return skipBlocks(of(schema.getElementType()));
      case MAP:
        Value mapped = of(schema.getValueType());
        return skipBlocks(
            bytes -> {
              bytes.skipUtf8();
              return mapped.read(bytes);
            });
      default:
        throw new UnreadableException("a field of type " + schema.getType());
    }
  }

  private static Value skip(Value value) {
    return bytes -> {
      value.read(bytes);
      return null;
    };
  }

  private static Value skipFixed(int length) {
    return bytes -> {
      bytes.skip(length);
      return null;
    };
  }

  private static Value skipBlocks(Value item) {
    return bytes -> {
      Blocks.read(bytes, () -> item.read(bytes));
      return null;
    };
  }
}
