-- Views of a full topic by minute and category, exactly once: the smallest query that shows what reading, decoding,
-- windowing and committing cost. The source is the core's own, options and all; like the core's it declares only the
-- columns that are used, and Avro skips the others without building them.
CREATE TABLE recorded_clicks (
  event_time TIMESTAMP(3) NOT NULL,
  category_id STRING,
  decode_error STRING,
  WATERMARK FOR event_time AS event_time - ${watermark_delay}
) WITH (
  'connector' = 'footfall-kafka',
  'topic' = '${clickstream}',
  ${append_source}
);

CREATE TABLE counts_sink (
  window_start TIMESTAMP(3) NOT NULL,
  category_id STRING NOT NULL,
  clicks BIGINT NOT NULL
) WITH (
  'connector' = 'kafka',
  'topic' = 'bench-counts',
  'properties.bootstrap.servers' = '${bootstrap}',
  'format' = 'json',
  'sink.delivery-guarantee' = 'exactly-once',
  'sink.transactional-id-prefix' = '${transactional_id_prefix}',
  'properties.transaction.timeout.ms' = '600000'
);

INSERT INTO counts_sink
SELECT
  window_start,
  COALESCE(category_id, 'Unknown') AS category_id,
  COUNT(*) AS clicks
FROM TUMBLE(TABLE recorded_clicks, DESCRIPTOR (event_time), INTERVAL '1' MINUTE)
WHERE decode_error IS NULL
GROUP BY window_start, window_end, category_id
