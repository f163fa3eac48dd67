package io.footfall.flink.avro;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.apache.flink.avro.shaded.org.apache.avro.Schema;
import org.apache.flink.table.api.ValidationException;
import org.apache.flink.table.types.logical.IntType;
import org.apache.flink.table.types.logical.RowType;
import org.junit.jupiter.api.Test;

/** Which reader's schema a message is read with, in a table over several topics. */
class ReadersTest {

  private static final String CLICK = record("shop.Click", "event_id");
  private static final String CHECKOUT = record("shop.Checkout", "checkout_id");
  private static final String BOTH = "[" + CLICK + "," + CHECKOUT + "]";

  @Test
  void theTopicDecides() {
    Readers readers = Readers.parse(BOTH, List.of("clicks", "checkouts"));

    assertEquals("Click", readers.of(parsed(CHECKOUT), "clicks").getName());
    assertEquals("Checkout", readers.of(parsed(CLICK), "checkouts").getName());
  }

  @Test
  void whereTheTopicIsNotKnownTheNameDecides() {
    Readers readers = Readers.parse(BOTH, List.of());

    assertEquals("Checkout", readers.of(parsed(CHECKOUT), null).getName());
    assertEquals(
        "Click", readers.of(parsed(record("acme.Click", "checkout_id")), null).getName());
  }

  @Test
  void anotherNameIsKnownByItsFields() {
    Readers readers = Readers.parse(BOTH, List.of());

    assertEquals(
        "Checkout",
        readers.of(parsed(record("acme.Order", "checkout_id")), null).getName());
    assertThrows(
        UnreadableException.class,
        () -> readers.of(parsed(record("acme.Order", "order_id")), null));
  }

  @Test
  void aColumnThatCannotHoldItsFieldIsRefusedBeforeAnythingIsRead() {
    RowType table = RowType.of(new IntType[] {new IntType()}, new String[] {"event_id"});

    assertThrows(ValidationException.class, () -> Readers.parse(BOTH, List.of()).check(table));
  }

  @Test
  void readersAreAsManyAsTopics() {
    assertThrows(ValidationException.class, () -> Readers.parse(BOTH, List.of("clicks")));
    assertThrows(ValidationException.class, () -> Readers.parse("{}", List.of()));
    assertThrows(ValidationException.class, () -> Readers.parse("[", List.of()));
  }

  private static Schema parsed(String schema) {
    return new Schema.Parser().parse(schema);
  }

  private static String record(String name, String field) {
    return "{\"type\":\"record\",\"name\":\"" + name + "\",\"fields\":[{\"name\":\"" + field
        + "\",\"type\":\"string\"}]}";
  }
}
