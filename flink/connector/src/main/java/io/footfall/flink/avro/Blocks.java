package io.footfall.flink.avro;

/** The blocks in which Avro writes the items of an array or a map. */
final class Blocks {

  private static final long MAX_ITEMS = 1_000_000;

  private Blocks() {}

  static void read(AvroBytes bytes, Runnable item) {
    long items = 0;
    for (long count = bytes.readLong(); count != 0; count = bytes.readLong()) {
      if (count < 0) {
        bytes.readLong(); // the block's size in bytes, of no use where every item is checked
        count = -count;
      }
      items += count;
      // Items may take no bytes at all, so the message's length is no bound.
      if (count < 0 || items > MAX_ITEMS) {
        throw new UnreadableException("a list of " + items + " items");
      }
      for (long index = 0; index < count; index++) {
        item.run();
      }
    }
  }
}
