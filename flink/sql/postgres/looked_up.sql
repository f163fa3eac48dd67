-- A dimension that lives in a PostgreSQL database: its row of the present, asked for by key and remembered for a while.
CREATE TABLE ${table} (
  ${columns},
  PRIMARY KEY (${primary_key}) NOT ENFORCED
) WITH (
  'connector' = 'jdbc',
  'url' = '${jdbc_url}',
  'table-name' = '${postgres_table}',
  'username' = '${username}',
  'password' = '${password}',
  'lookup.cache' = 'PARTIAL',
  'lookup.partial-cache.max-rows' = '${cache_rows}',
  'lookup.partial-cache.expire-after-write' = '${cache_time}',
  'lookup.partial-cache.cache-missing-key' = 'true',
  'lookup.max-retries' = '5'
);
