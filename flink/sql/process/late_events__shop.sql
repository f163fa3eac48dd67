-- Grain: one event of a shopper older than the watermark when it was read; it is counted in no other stream.
CREATE TEMPORARY VIEW late_events__shop AS
SELECT
  topic,
  `partition`,
  `offset`,
  COALESCE(event_id, checkout_id) AS event_id,
  event_time,
  CURRENT_WATERMARK(event_time) AS `watermark`,
  user_id AS `key`,
  CASE payment_status WHEN 'succeeded' THEN 'purchase' WHEN 'failed' THEN 'payment_failed' ELSE `action` END AS `action`
FROM shop_events
WHERE unreadable IS NULL AND event_time <= CURRENT_WATERMARK(event_time);
