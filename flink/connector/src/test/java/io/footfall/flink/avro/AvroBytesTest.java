package io.footfall.flink.avro;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

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
