package io.footfall.flink.avro;

import java.math.BigDecimal;
import java.util.Map;
import org.apache.flink.avro.shaded.org.apache.avro.Schema;

/**
 * What a field's schema says of its numbers, in its {@value #FACTS} attribute: {@code minimum} and
 * {@code maximum}.
 */
final class FieldLimits {

  private static final String FACTS = "footfall";

  private final String name;
  private final BigDecimal least;
  private final BigDecimal most;

  FieldLimits(String name, Schema.Field field) {
    this.name = name;
    this.least = decimal(field, "minimum");
    this.most = decimal(field, "maximum");
  }

  boolean isNone() {
    return least == null && most == null;
  }

  void check(BigDecimal value) {
    if (least != null && value.compareTo(least) < 0) {
      throw new UnreadableException(
          name + " is " + value.toPlainString() + ", less than " + least.toPlainString());
    }
    if (most != null && value.compareTo(most) > 0) {
      throw new UnreadableException(
          name + " is " + value.toPlainString() + ", more than " + most.toPlainString());
    }
  }

  /** The limit in units of the last decimal place. */
  long leastUnscaled(int scale) {
    return least == null
        ? Long.MIN_VALUE
        : least.setScale(scale).unscaledValue().longValueExact();
  }

  long mostUnscaled(int scale) {
    return most == null ? Long.MAX_VALUE : most.setScale(scale).unscaledValue().longValueExact();
  }

  static Object of(Schema.Field field, String fact) {
    Object facts = field.getObjectProp(FACTS);
    return facts instanceof Map ? ((Map<?, ?>) facts).get(fact) : null;
  }

  static int number(Schema.Field field, String fact, int otherwise) {
    Object value = of(field, fact);
    return value == null ? otherwise : ((Number) value).intValue();
  }

  private static BigDecimal decimal(Schema.Field field, String fact) {
    Object value = of(field, fact);
    return value == null ? null : new BigDecimal(value.toString());
  }
}
