-- Grain: one user action, counted once. Late rows are in late_events; a repeated event_id is dropped.
CREATE TEMPORARY VIEW clicks AS
SELECT
  event_time,
  user_id,
  `action`,
  product_id,
  source
FROM (
  SELECT
    event_time,
    user_id,
    `action`,
    product_id,
    source,
    ROW_NUMBER() OVER (PARTITION BY event_id ORDER BY read_at) AS copy
  FROM shop_events
  WHERE
    topic = '${clickstream}'
    AND unreadable IS NULL
    AND (CURRENT_WATERMARK(event_time) IS NULL OR event_time > CURRENT_WATERMARK(event_time))
)
WHERE copy = 1;
