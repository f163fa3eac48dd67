-- Grain: one thing a visitor did, from clickstream and checkouts alike; a checkout is a `purchase` or a `payment_failed`.
CREATE TEMPORARY VIEW shop_actions AS
SELECT
  event_time,
  user_id,
  `action`,
  source
FROM clicks
UNION ALL
SELECT
  event_time,
  user_id,
  CASE payment_status WHEN 'succeeded' THEN 'purchase' WHEN 'failed' THEN 'payment_failed' ELSE 'unknown' END AS `action`,
  source
FROM payments;
