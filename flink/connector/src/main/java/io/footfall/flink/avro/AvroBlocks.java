package io.footfall.flink.avro;

/** The blocks in which Avro writes the items of an array or a map. */
final class AvroBlocks {

  private AvroBlocks() {}

  static void read(AvroBytes bytes, Runnable item) {
    for (long count = bytes.readLong(); count != 0; count = bytes.readLong()) {
      if (count < 0) {
        readSized(bytes, -count, item);
      } else {
        readItems(bytes, count, item);
      }
    }
  }

  /** Who skips the block by its size must come to the same place as who reads its items. */
  private static void readSized(AvroBytes bytes, long count, Runnable item) {
    long size = bytes.readLong();
    int before = bytes.left();
    readItems(bytes, count, item);
    int taken = before - bytes.left();
    if (taken != size) {
      throw new UnreadableException("a block of " + size + " bytes whose items take " + taken);
    }
  }

  private static void readItems(AvroBytes bytes, long count, Runnable item) {
    bytes.countItems(count);
    for (long index = 0; index < count; index++) {
      item.run();
    }
  }
}
