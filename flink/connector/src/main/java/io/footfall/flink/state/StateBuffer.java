package io.footfall.flink.state;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Bytes that grow as values are written behind one another, and are read back in the same order.
 *
 * <p>Nothing in it says what a value is: state is written and read by one class, which knows.
 * Nobody checks that there is as much as is read.
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

  /** Makes an empty buffer to write to. */
  public StateBuffer() {
    bytes = new byte[FIRST_SIZE];
  }

  /**
   * Makes a buffer to read from.
   *
   * @param bytes what {@link #toBytes} returned; it is not copied
   */
  public StateBuffer(byte[] bytes) {
    this.bytes = bytes;
    this.end = bytes.length;
  }

  /** Begins to write anew. */
  public void clear() {
    position = 0;
    end = 0;
  }

  /** Returns how many bytes have been written, or read. */
  public int position() {
    return position;
  }

  /** Returns whether anything is left to read. */
  public boolean hasMore() {
    return position < end;
  }

  /** Returns a copy of what has been written. */
  public byte[] toBytes() {
    return Arrays.copyOf(bytes, position);
  }

  /** Writes the lowest eight bits. */
  public void writeByte(int value) {
    room(1);
    bytes[position++] = (byte) value;
  }

  /** Writes a number that is never negative, in as many groups of seven bits as it needs. */
  public void writeSize(int value) {
    room(5);
    while (value > 0x7F) {
      bytes[position++] = (byte) (value | 0x80);
      value >>>= 7;
    }
    bytes[position++] = (byte) value;
  }

  /** Writes a number that is never negative and may be large, as {@link #writeSize} does. */
  public void writeCount(long value) {
    room(10);
    while (value > 0x7F) {
      bytes[position++] = (byte) (value | 0x80);
      value >>>= 7;
    }
    bytes[position++] = (byte) value;
  }

  /** Writes four bytes, the highest first. */
  public void writeInt(int value) {
    room(Integer.BYTES);
    INT.set(bytes, position, value);
    position += Integer.BYTES;
  }

  /** Writes eight bytes, the highest first. */
  public void writeLong(long value) {
    room(Long.BYTES);
    LONG.set(bytes, position, value);
    position += Long.BYTES;
  }

  /** Writes a double, every bit of it. */
  public void writeDouble(double value) {
    writeLong(Double.doubleToRawLongBits(value));
  }

  /** Writes a text, its size before it; it may be of any encoding. */
  public void writeText(byte[] text) {
    writeSize(text.length);
    writeRaw(text, 0, text.length);
  }

  /** Writes bytes alone: who reads them has to know how many they are. */
  public void writeRaw(byte[] source, int start, int length) {
    room(length);
    System.arraycopy(source, start, bytes, position, length);
    position += length;
  }

  /** Reads one byte. */
  public byte readByte() {
    return bytes[position++];
  }

  /** Reads what {@link #writeSize} wrote. */
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

  /** Reads what {@link #writeCount} wrote. */
  public long readCount() {
    long value = 0;
    for (int shift = 0; ; shift += 7) {
      byte next = bytes[position++];
      value |= (next & 0x7FL) << shift;
      if (next >= 0) {
        return value;
      }
    }
  }

  /** Reads four bytes, the highest first. */
  public int readInt() {
    position += Integer.BYTES;
    return (int) INT.get(bytes, position - Integer.BYTES);
  }

  /** Reads eight bytes, the highest first. */
  public long readLong() {
    position += Long.BYTES;
    return (long) LONG.get(bytes, position - Long.BYTES);
  }

  /** Reads what {@link #writeDouble} wrote. */
  public double readDouble() {
    return Double.longBitsToDouble(readLong());
  }

  /** Reads what {@link #writeText} wrote. */
  public byte[] readText() {
    return readRaw(readSize());
  }

  /** Reads so many bytes. */
  public byte[] readRaw(int length) {
    position += length;
    return Arrays.copyOfRange(bytes, position - length, position);
  }

  /** Steps over so many bytes. */
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
