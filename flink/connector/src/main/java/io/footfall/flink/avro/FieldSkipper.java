package io.footfall.flink.avro;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.avro.shaded.org.apache.avro.Schema;

/**
 * Reads over a value that no reader knows, and still sees that its encoding is what Avro allows.
 */
final class FieldSkipper {

  private final Map<String, SkippedRecord> records = new HashMap<>();
  private int depth;

  /** A record type, which may hold itself. */
  private static final class SkippedRecord implements Value {
    private Value[] fields;

    @Override
    public Object read(AvroBytes bytes) {
      bytes.enterRecord();
      for (Value field : fields) {
        field.read(bytes);
      }
      bytes.leaveRecord();
      return null;
    }
  }

  Value of(Schema schema) {
    if (depth == AvroBytes.MAX_DEPTH) {
      throw new UnreadableException("a schema nested deeper than " + AvroBytes.MAX_DEPTH);
    }
    depth++;
    try {
      return built(schema);
    } finally {
      depth--;
    }
  }

  private Value built(Schema schema) {
    switch (schema.getType()) {
      case NULL:
        return bytes -> null;
      case BOOLEAN:
        return skip(AvroBytes::readBoolean);
      case INT:
        return skip(AvroBytes::readInt);
      case LONG:
        return skip(AvroBytes::readLong);
      case FLOAT:
        return skipFixed(4);
      case DOUBLE:
        return skipFixed(8);
      case FIXED:
        return skipFixed(schema.getFixedSize());
      case BYTES:
        return bytes -> {
          bytes.skipBytes();
          return null;
        };
      case STRING:
        TextLimits any = TextLimits.none("a text");
        return bytes -> {
          bytes.skipText(any);
          return null;
        };
      case ENUM:
        int symbols = schema.getEnumSymbols().size();
        return skip(bytes -> bytes.readIndex(symbols, "enum symbol"));
      case UNION:
        Value[] branches = all(schema.getTypes());
        return bytes -> branches[bytes.readIndex(branches.length, "union branch")].read(bytes);
      case RECORD:
        return record(schema);
      case ARRAY:
        return skipBlocks(of(schema.getElementType()));
      case MAP:
        Value mapped = of(schema.getValueType());
        TextLimits key = TextLimits.none("a key");
        return skipBlocks(bytes -> {
          bytes.skipText(key);
          return mapped.read(bytes);
        });
      default:
        throw new UnreadableException("a field of type " + schema.getType());
    }
  }

  private Value record(Schema schema) {
    SkippedRecord known = records.get(schema.getFullName());
    if (known == null) {
      known = new SkippedRecord();
      records.put(schema.getFullName(), known);
      known.fields = all(schema.getFields().stream().map(Schema.Field::schema).toList());
    }
    return known;
  }

  private Value[] all(List<Schema> schemas) {
    return schemas.stream().map(this::of).toArray(Value[]::new);
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
      AvroBlocks.read(bytes, () -> item.read(bytes));
      return null;
    };
  }
}
