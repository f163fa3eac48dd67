package io.footfall.flink.avro;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AvroBytesTest {

  @Test
  void aLongOfTenBytesIsReadWhole() {
    assertEquals(Long.MIN_VALUE, of(-1, -1, -1, -1, -1, -1, -1, -1, -1, 1).readLong());
  }

  @Test
  void aLongOfMoreThan64BitsIsUnreadable() {
    AvroBytes bytes = of(-1, -1, -1, -1, -1, -1, -1, -1, -1, 2);

    assertThrows(UnreadableException.class, bytes::readLong);
  }

  @Test
  void aBlockIsReadByItsItemsAndItsSizeMustAgree() {
    int[] twoItems = {3, 4, 2, 4, 0};
    List<Long> items = new ArrayList<>();

    AvroBytes bytes = of(twoItems);
    AvroBlocks.read(bytes, () -> items.add(bytes.readLong()));

    assertEquals(List.of(1L, 2L), items);
    assertEquals(0, bytes.left());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 6, 127})
  void aBlockWhoseSizeIsNotThatOfItsItemsIsUnreadable(int size) {
    AvroBytes bytes = of(3, size, 2, 4, 0);

    assertThrows(UnreadableException.class, () -> AvroBlocks.read(bytes, () -> bytes.readLong()));
  }

  private static AvroBytes of(int... values) {
    byte[] message = new byte[values.length];
    for (int index = 0; index < values.length; index++) {
      message[index] = (byte) values[index];
    }
    AvroBytes bytes = new AvroBytes();
    bytes.reset(message, 0);
    return bytes;
  }
}
