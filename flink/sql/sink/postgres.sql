-- Latest row per key in a table of a PostgreSQL database. All rows of a checkpoint are written before it completes.
CREATE TABLE ${table} (
  ${columns},
  PRIMARY KEY (${primary_key}) NOT ENFORCED
) WITH (
  'connector' = 'jdbc',
  'url' = '${jdbc_url}',
  'table-name' = '${postgres_table}',
  'username' = '${username}',
  'password' = '${password}',
  'sink.buffer-flush.max-rows' = '500',
  'sink.buffer-flush.interval' = '1 s',
  'sink.max-retries' = '5',
  'sink.parallelism' = '1'
);
