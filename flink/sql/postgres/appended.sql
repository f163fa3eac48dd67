-- A published stream, as a reader of committed rows sees it.
CREATE TABLE ${table} (
  ${columns}
) WITH (
  'connector' = 'kafka',
  'topic' = '${topic}',
  ${connection},
  'properties.group.id' = '${group_id}',
  'properties.isolation.level' = 'read_committed',
  'scan.startup.mode' = 'earliest-offset',
  'format' = 'footfall-avro',
  ${registry}
);
