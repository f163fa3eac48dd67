package io.footfall.flink.avro;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.avro.shaded.org.apache.avro.Schema;
import org.apache.flink.table.data.StringData;

/**
 * How text, symbols and bytes of a field are read, whichever of them its writer has. Null where it
 * is none of them.
 */
final class Texts {

  private final String name;
  private final TextLimits limits;
  private final boolean isKept;

  Texts(String name, TextLimits limits, boolean isKept) {
    this.name = name;
    this.limits = limits;
    this.isKept = isKept;
  }

  Value string(Schema writer) {
    switch (writer.getType()) {
      case STRING:
      case BYTES:
        if (Meaning.of(writer).kind() == Meaning.Kind.DECIMAL) {
          return null;
        }
        if (limits.hasPattern()) {
          return bytes -> StringData.fromBytes(matching(bytes.readText(limits)));
        }
        if (isKept) {
          return bytes -> StringData.fromBytes(bytes.readText(limits));
        }
        return bytes -> {
          bytes.skipText(limits);
          return null;
        };
      case ENUM:
        return symbols(writer.getEnumSymbols(), null);
      default:
        return null;
    }
  }

  /** A symbol that the reader does not know is its default. */
  Value symbol(Schema writer, Schema reader) {
    switch (writer.getType()) {
      case ENUM:
        return symbols(writer.getEnumSymbols(), reader);
      case STRING:
      case BYTES:
        if (Meaning.of(writer).kind() == Meaning.Kind.DECIMAL) {
          return null;
        }
        Map<String, StringData> known = new HashMap<>();
        reader.getEnumSymbols().forEach(symbol -> known.put(symbol, StringData.fromString(symbol)));
        return bytes -> {
          String text = new String(bytes.readText(limits), StandardCharsets.UTF_8);
          StringData symbol = known.get(text);
          return symbol != null ? symbol : StringData.fromString(otherwise(text, reader));
        };
      default:
        return null;
    }
  }

  Value bytes(Schema writer) {
    switch (writer.getType()) {
      case BYTES:
        return AvroBytes::readBytes;
      case STRING:
        return bytes -> bytes.readText(limits);
      default:
        return null;
    }
  }

  /** The values of an enum's symbols; what none can be is told when it is read. */
  private Value symbols(List<String> symbols, Schema reader) {
    Object[] values = symbols.stream().map(symbol -> value(symbol, reader)).toArray();
    return bytes -> {
      Object value = values[bytes.readIndex(values.length, "enum symbol")];
      if (value instanceof UnreadableException unreadableException) {
        throw unreadableException;
      }
      return value;
    };
  }

  private Object value(String symbol, Schema reader) {
    try {
      String text =
          reader == null || reader.hasEnumSymbol(symbol) ? symbol : otherwise(symbol, reader);
      limits.check(text.getBytes(StandardCharsets.UTF_8));
      return StringData.fromString(text);
    } catch (UnreadableException beyond) {
      return beyond;
    }
  }

  private String otherwise(String symbol, Schema reader) {
    if (reader.getEnumDefault() == null) {
      throw new UnreadableException(
          name + " is " + symbol + ", which is none of " + reader.getEnumSymbols());
    }
    return reader.getEnumDefault();
  }

  private byte[] matching(byte[] text) {
    limits.checkPattern(text);
    return text;
  }
}
