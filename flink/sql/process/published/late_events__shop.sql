-- Grain: one event of a shopper older than the watermark when it was read; it is counted in no other stream.
CREATE TEMPORARY VIEW late_events__shop AS
SELECT
  topic,
  `partition`,
  `offset`,
  COALESCE(event_id, refund_id, checkout_id, '') AS event_id,
  event_time,
  COALESCE(CURRENT_WATERMARK(event_time), event_time) AS `watermark`,
  user_id AS `key`,
  CASE
    WHEN refund_id IS NOT NULL THEN 'refund'
    WHEN payment_status = 'succeeded' THEN 'purchase'
    WHEN payment_status = 'failed' THEN 'payment_failed'
    ELSE `action`
  END AS `action`
FROM shop_events
WHERE decode_error IS NULL AND event_time <= CURRENT_WATERMARK(event_time);
