-- A published stream that keeps the latest row per key, as a reader of committed rows sees it.
CREATE TABLE ${table} (
  ${columns},
  PRIMARY KEY (${primary_key}) NOT ENFORCED
) WITH (
  'connector' = 'upsert-kafka',
  'topic' = '${topic}',
  ${connection},
  'properties.group.id' = '${group_id}',
  'properties.isolation.level' = 'read_committed',
  'key.format' = '${key_format}',
  'value.format' = 'footfall-avro',
  ${registry}
);
