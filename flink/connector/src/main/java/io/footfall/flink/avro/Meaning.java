package io.footfall.flink.avro;

import java.util.Locale;
import org.apache.flink.avro.shaded.org.apache.avro.Schema;

/**
 * What an Avro type means by its {@code logicalType}. The attributes are read here and not by
 * Avro's library, whose rules differ between its versions and languages.
 */
record Meaning(Kind kind, int precision, int scale) {

  /** More digits than that are in no number of a shop, and cost too much to look at. */
  private static final int MOST_DIGITS = 154;

  enum Kind {
    PLAIN,
    DECIMAL,
    TIMESTAMP_MILLIS,
    TIMESTAMP_MICROS,
    TIMESTAMP_NANOS,
    DATE,
    /** Any other, and a decimal that is none. */
    OTHER
  }

  static Meaning of(Schema schema) {
    Object name = schema.getObjectProp("logicalType");
    if (name == null) {
      return new Meaning(Kind.PLAIN, 0, 0);
    }
    Kind kind =
        switch (name.toString()) {
          case "decimal" -> Kind.DECIMAL;
          case "timestamp-millis" -> Kind.TIMESTAMP_MILLIS;
          case "timestamp-micros" -> Kind.TIMESTAMP_MICROS;
          case "timestamp-nanos" -> Kind.TIMESTAMP_NANOS;
          case "date" -> Kind.DATE;
          default -> Kind.OTHER;
        };
    return kind == Kind.DECIMAL ? decimal(schema) : new Meaning(kind, 0, 0);
  }

  private static Meaning decimal(Schema schema) {
    int precision = number(schema.getObjectProp("precision"), -1);
    int scale = number(schema.getObjectProp("scale"), 0);
    boolean isOne = precision > 0 && precision <= MOST_DIGITS && scale >= 0 && scale <= precision;
    return new Meaning(isOne ? Kind.DECIMAL : Kind.OTHER, precision, scale);
  }

  private static int number(Object value, int absent) {
    return value == null ? absent : value instanceof Integer i ? i : -1;
  }

  /** A type as reasons name it. */
  static String describe(Schema schema) {
    Object name = schema.getObjectProp("logicalType");
    String type = schema.getType().name().toLowerCase(Locale.ROOT);
    return name == null ? type : name + " (" + type + ")";
  }
}
