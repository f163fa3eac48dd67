"""What happened in the shop as Avro messages, by columns."""
