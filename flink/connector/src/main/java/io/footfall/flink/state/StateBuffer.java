package io.footfall.flink.state;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Bytes that grow as values are written behind one another, and are read back in the same order.
 */
public final class StateBuffer {

  private static final int FIRST_SIZE = 256;
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private byte[] bytes;
  private int position;
  private int end;

  public StateBuffer() {
    bytes = new byte[FIRST_SIZE];
  }

  public StateBuffer(byte[] bytes) {
    this.bytes = bytes;
    this.end = bytes.length;
  }

  /** Begins to write anew. */
  public void clear() {
    position = 0;
    end = 0;
  }

  public int position() {
    return position;
  }

  public boolean hasMore() {
    return position < end;
  }

  public byte[] toBytes() {
    return Arrays.copyOf(bytes, position);
  }

  public void writeByte(int value) {
    room(1);
    bytes[position++] = (byte) value;
  }

  /** A number that is never negative, in as many groups of seven bits as it needs. */
  public void writeSize(int value) {
    room(5);
    while (value > 0x7F) {
      bytes[position++] = (byte) (value | 0x80);
      value >>>= 7;
    }
    bytes[position++] = (byte) value;
  }

  public void writeInt(int value) {
    room(Integer.BYTES);
    INT.set(bytes, position, value);
    position += Integer.BYTES;
  }

  public void writeLong(long value) {
    room(Long.BYTES);
    LONG.set(bytes, position, value);
    position += Long.BYTES;
  }

  public void writeText(byte[] text) {
    writeSize(text.length);
    writeRaw(text, 0, text.length);
  }

  public void writeRaw(byte[] source, int start, int length) {
    room(length);
    System.arraycopy(source, start, bytes, position, length);
    position += length;
  }

  public byte readByte() {
    return bytes[position++];
  }

  public int readSize() {
    int value = 0;
    for (int shift = 0; ; shift += 7) {
      byte next = bytes[position++];
      value |= (next & 0x7F) << shift;
      if (next >= 0) {
        return value;
      }
    }
  }

  public int readInt() {
    position += Integer.BYTES;
    return (int) INT.get(bytes, position - Integer.BYTES);
  }

  public long readLong() {
    position += Long.BYTES;
    return (long) LONG.get(bytes, position - Long.BYTES);
  }

  public byte[] readText() {
    return readRaw(readSize());
  }

  public byte[] readRaw(int length) {
    position += length;
    return Arrays.copyOfRange(bytes, position - length, position);
  }

  public void skip(int length) {
    position += length;
  }

  /** Tells whether the text at this place is the one given, and steps behind it. */
  public boolean readTextEquals(byte[] text) {
    int length = readSize();
    int start = position;
    position += length;
    return Arrays.equals(bytes, start, position, text, 0, text.length);
  }

  private void room(int length) {
    if (position + length > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, position + length));
    }
  }
}
