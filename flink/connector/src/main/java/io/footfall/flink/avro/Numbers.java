package io.footfall.flink.avro;

import java.math.BigDecimal;
import java.math.BigInteger;
import org.apache.flink.avro.shaded.org.apache.avro.Schema;
import org.apache.flink.table.data.DecimalData;

/**
 * How numbers of a field are read, whatever numbers its writer has. Null where they are none that
 * fit.
 */
final class Numbers {

  private static final int LONG_BYTES = 8;
  private static final long[] POWERS = powers();

  private final String name;
  private final FieldLimits limits;

  Numbers(String name, FieldLimits limits) {
    this.name = name;
    this.limits = limits;
  }

  Value int32(Schema writer) {
    long least = limits.leastUnscaled(0);
    long most = limits.mostUnscaled(0);
    switch (writer.getType()) {
      case INT:
        return bytes -> (int) within(bytes.readInt(), least, most);
      case LONG:
        return bytes -> {
          long value = bytes.readLong();
          if (value != (int) value) {
            throw new UnreadableException(name + " is " + value + ", outside of 32 bits");
          }
          return (int) within(value, least, most);
        };
      default:
        return null;
    }
  }

  Value int64(Schema writer) {
    long least = limits.leastUnscaled(0);
    long most = limits.mostUnscaled(0);
    switch (writer.getType()) {
      case INT:
        return bytes -> within(bytes.readInt(), least, most);
      case LONG:
        return bytes -> within(bytes.readLong(), least, most);
      default:
        return null;
    }
  }

  Value float64(Schema writer) {
    switch (writer.getType()) {
      case INT:
        return bytes -> within((double) bytes.readInt());
      case LONG:
        return bytes -> within((double) bytes.readLong());
      case FLOAT:
        return bytes -> within((double) bytes.readFloat());
      case DOUBLE:
        return bytes -> within(bytes.readDouble());
      default:
        return null;
    }
  }

  Value decimal(Schema writer, Meaning reader) {
    switch (writer.getType()) {
      case BYTES:
      case FIXED:
        Meaning written = Meaning.of(writer);
        return written.kind() == Meaning.Kind.DECIMAL ? decimal(writer, written, reader) : null;
      case FLOAT:
        return bytes ->
            value(LogicalValues.decimal(bytes.readFloat(), true, reader.scale(), name), reader);
      case DOUBLE:
        return bytes ->
            value(LogicalValues.decimal(bytes.readDouble(), false, reader.scale(), name), reader);
      default:
        return null;
    }
  }

  private Value decimal(Schema writer, Meaning written, Meaning reader) {
    int fixed = writer.getType() == Schema.Type.FIXED ? writer.getFixedSize() : -1;
    boolean isCompact =
        written.scale() == reader.scale() && DecimalData.isCompact(reader.precision());
    if (!isCompact) {
      return bytes -> {
        byte[] unscaled = bytes.readFixed(fixed < 0 ? bytes.readLength() : fixed);
        return value(LogicalValues.decimal(unscaled, written, name), reader);
      };
    }
    int precision = reader.precision();
    int scale = reader.scale();
    long beyond = POWERS[Math.min(precision, written.precision())];
    long least = limits.leastUnscaled(scale);
    long most = limits.mostUnscaled(scale);
    return bytes -> {
      int length = fixed < 0 ? bytes.readLength() : fixed;
      if (length == 0 || length > LONG_BYTES) {
        return value(LogicalValues.decimal(bytes.readFixed(length), written, name), reader);
      }
      long unscaled = bytes.readBigEndian(length);
      if (unscaled <= -beyond || unscaled >= beyond || unscaled < least || unscaled > most) {
        return value(
            LogicalValues.decimal(BigInteger.valueOf(unscaled).toByteArray(), written, name),
            reader); // says why
      }
      return DecimalData.fromUnscaledLong(unscaled, precision, scale);
    };
  }

  private DecimalData value(BigDecimal exact, Meaning reader) {
    BigDecimal rescaled = LogicalValues.rescaled(exact, reader.precision(), reader.scale(), name);
    limits.check(rescaled);
    return DecimalData.fromBigDecimal(rescaled, reader.precision(), reader.scale());
  }

  private long within(long value, long least, long most) {
    if (value < least || value > most) {
      limits.check(BigDecimal.valueOf(value)); // says why
    }
    return value;
  }

  private double within(double value) {
    if (!limits.isNone()) {
      if (!Double.isFinite(value)) {
        throw new UnreadableException(name + " is no finite number");
      }
      limits.check(new BigDecimal(value));
    }
    return value;
  }

  private static long[] powers() {
    long[] powers = new long[19];
    powers[0] = 1;
    for (int index = 1; index < powers.length; index++) {
      powers[index] = powers[index - 1] * 10;
    }
    return powers;
  }
}
