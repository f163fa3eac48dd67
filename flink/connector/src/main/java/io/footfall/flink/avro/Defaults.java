package io.footfall.flink.avro;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.flink.avro.shaded.org.apache.avro.JsonProperties;
import org.apache.flink.avro.shaded.org.apache.avro.Schema;
import org.apache.flink.table.data.DecimalData;
import org.apache.flink.table.data.GenericArrayData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.data.TimestampData;

/** What a reader's field is when its writer has none. */
final class Defaults {

  private Defaults() {}

  /** Returns the value as a row holds it. */
  static Object of(Schema.Field field) {
    Schema type = field.schema();
    Object written = field.defaultVal();
    if (written == JsonProperties.NULL_VALUE) {
      return null;
    }
    return value(
        type.getType() == Schema.Type.UNION ? Readers.branch(type) : type, written, field.name());
  }

  private static Object value(Schema type, Object written, String name) {
    Meaning meaning = Meaning.of(type);
    switch (type.getType()) {
      case STRING:
      case ENUM:
        return StringData.fromString(written.toString());
      case INT:
      case BOOLEAN:
      case DOUBLE:
        return written;
      case LONG:
        long number = ((Number) written).longValue();
        return meaning.kind() == Meaning.Kind.TIMESTAMP_MILLIS
            ? TimestampData.fromEpochMillis(number)
            : (Object) number;
      case BYTES:
        byte[] bytes = written instanceof byte[] array
            ? array
            : written.toString().getBytes(StandardCharsets.ISO_8859_1);
        return meaning.kind() == Meaning.Kind.DECIMAL ? decimal(bytes, meaning) : bytes;
      case ARRAY:
        if (((List<?>) written).isEmpty()) {
          return new GenericArrayData(new Object[0]);
        }
        break;
      default:
        break;
    }
    throw new IllegalArgumentException(
        "default of " + name + ": " + written + " is of a kind that is not supported");
  }

  private static Object decimal(byte[] unscaled, Meaning meaning) {
    BigDecimal value = new BigDecimal(new BigInteger(unscaled), meaning.scale());
    return DecimalData.fromBigDecimal(value, meaning.precision(), meaning.scale());
  }
}
