-- Appended rows, exactly once: visible to read_committed readers when a checkpoint completes.
CREATE TABLE ${table} (
  ${columns}
) WITH (
  'connector' = 'kafka',
  'topic' = '${topic}',
  ${connection},
  'key.format' = '${key_format}',
  'key.fields' = '${key_fields}',
  'value.format' = 'avro-confluent',
  ${value_format},
  'sink.delivery-guarantee' = 'exactly-once',
  'sink.transactional-id-prefix' = '${transactional_id_prefix}',
  'sink.parallelism' = '1',
  'properties.transaction.timeout.ms' = '${transaction_timeout_ms}',
  -- The broker decides by topic; Kafka's own limit of 1 MiB would fail the job for a dead letter.
  'properties.max.request.size' = '16777216',
  'properties.compression.type' = 'lz4'
);
