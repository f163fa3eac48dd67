-- Latest row per key, exactly once; a deleted key is a tombstone.
CREATE TABLE ${table} (
  ${columns},
  PRIMARY KEY (${primary_key}) NOT ENFORCED
) WITH (
  'connector' = 'upsert-kafka',
  'topic' = '${topic}',
  ${connection},
  'key.format' = '${key_format}',
  'value.format' = 'avro-confluent',
  ${value_format},
  'sink.delivery-guarantee' = 'exactly-once',
  'sink.transactional-id-prefix' = '${transactional_id_prefix}',
  'sink.parallelism' = '1',
  'properties.transaction.timeout.ms' = '${transaction_timeout_ms}',
  'properties.compression.type' = 'lz4'
);
