package io.footfall.flink.avro;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Reads Avro's binary encoding from a byte array, and never beyond it (Avro 1.12 specification,
 * "Binary Encoding").
 *
 * <p>It counts what costs work and no bytes, so that no message keeps a reader busy for ever.
 */
final class AvroBytes {

  /** Items of lists and nested records of one message. */
  private static final long MAX_ITEMS = 100_000;
  /** Records within records. */
  static final int MAX_DEPTH = 100;

  private byte[] bytes = new byte[0];
  private int position;
  private long items;
  private int depth;

  void reset(byte[] message, int start) {
    bytes = message;
    position = start;
    items = 0;
    depth = 0;
  }

  /**
   * Counts items before they are read: some take no bytes at all, so the message's length is no
   * bound.
   */
  void countItems(long count) {
    if (count < 0 || count > MAX_ITEMS - items) {
      throw new UnreadableException("more than " + MAX_ITEMS + " items");
    }
    items += count;
  }

  void enterRecord() {
    countItems(1);
    if (++depth > MAX_DEPTH) {
      throw new UnreadableException("records nested deeper than " + MAX_DEPTH);
    }
  }

  void leaveRecord() {
    depth--;
  }

  int left() {
    return bytes.length - position;
  }

  /** Zig-zag varint of at most 64 bits. */
  long readLong() {
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      byte next = next();
      // The tenth byte has room for one bit.
      if (shift == 63 && (next & 0x7E) != 0) {
        break;
      }
      value |= (long) (next & 0x7F) << shift;
      if (next >= 0) {
        return (value >>> 1) ^ -(value & 1);
      }
    }
    throw new UnreadableException("a number longer than 64 bits");
  }

  int readInt() {
    long value = readLong();
    if (value != (int) value) {
      throw new UnreadableException("a number outside 32 bits");
    }
    return (int) value;
  }

  boolean readBoolean() {
    byte value = next();
    if (value != 0 && value != 1) {
      throw new UnreadableException("a boolean that is " + (value & 0xFF));
    }
    return value == 1;
  }

  float readFloat() {
    return Float.intBitsToFloat((int) readLittleEndian(4));
  }

  double readDouble() {
    return Double.longBitsToDouble(readLittleEndian(8));
  }

  byte[] readBytes() {
    return readFixed(readLength());
  }

  byte[] readFixed(int length) {
    int start = advance(length);
    return Arrays.copyOfRange(bytes, start, start + length);
  }

  /** The bytes of a string, which are sure to be UTF-8 and within the limits. */
  byte[] readText(TextLimits limits) {
    int length = readLength();
    int start = advance(length);
    requireText(start, length, limits);
    return Arrays.copyOfRange(bytes, start, start + length);
  }

  void skipText(TextLimits limits) {
    int length = readLength();
    requireText(advance(length), length, limits);
  }

  void skipBytes() {
    advance(readLength());
  }

  void skip(int length) {
    advance(length);
  }

  /** The branch of a union or the symbol of an enum. */
  int readIndex(int size, String what) {
    long index = readLong();
    if (index < 0 || index >= size) {
      throw new UnreadableException(what + " " + index + " of " + size);
    }
    return (int) index;
  }

  int readLength() {
    long length = readLong();
    if (length < 0 || length > left()) {
      throw new UnreadableException(
          "a length of " + length + " where " + left() + " bytes are left");
    }
    return (int) length;
  }

  /** A number of at most eight bytes, the highest first. */
  long readBigEndian(int length) {
    int start = advance(length);
    long value = bytes[start];
    for (int index = start + 1; index < start + length; index++) {
      value = value << 8 | (bytes[index] & 0xFF);
    }
    return value;
  }

  private long readLittleEndian(int length) {
    int start = advance(length);
    long value = 0;
    for (int index = length - 1; index >= 0; index--) {
      value = value << 8 | (bytes[start + index] & 0xFF);
    }
    return value;
  }

  private byte next() {
    if (position >= bytes.length) {
      throw new UnreadableException("the message ends within a value");
    }
    return bytes[position++];
  }

  private int advance(int length) {
    if (length > left()) {
      throw new UnreadableException("the message ends within a value");
    }
    int start = position;
    position += length;
    return start;
  }

  private void requireText(int start, int length, TextLimits limits) {
    limits.checkLength(length);
    for (int index = start; index < start + length; index++) {
      if (bytes[index] <= 0) {
        decodeUtf8(start, length);
        limits.checkCharacters(bytes, start, length);
        return;
      }
    }
  }

  private void decodeUtf8(int start, int length) {
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, start, length));
    } catch (CharacterCodingException malformed) {
      throw new UnreadableException("a string that is not UTF-8");
    }
  }
}
