package io.footfall.flink.avro;

/** The blocks in which Avro writes the items of an array or a map. */
final class AvroBlocks {

  private AvroBlocks() {}

  static void read(AvroBytes bytes, Runnable item) {
    for (long count = bytes.readLong(); count != 0; count = bytes.readLong()) {
      if (count < 0) {
        bytes.readLong(); // the block's size in bytes, of no use where every item is checked
        count = -count;
      }
      bytes.countItems(count);
      for (long index = 0; index < count; index++) {
        item.run();
      }
    }
  }
}
