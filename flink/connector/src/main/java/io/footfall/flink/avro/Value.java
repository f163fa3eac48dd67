package io.footfall.flink.avro;

/** Reads one value; a skipper returns null. */
interface Value {
  Object read(AvroBytes bytes);
}
