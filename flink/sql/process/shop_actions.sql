-- Grain: one thing a visitor did, from clickstream and checkouts alike; a checkout is a `purchase` or a `payment_failed`.
CREATE TEMPORARY VIEW shop_actions AS
SELECT
  event_time,
  FALSE AS is_checkout,
  `action`,
  source,
  first_in_minute
FROM clicks
UNION ALL
SELECT
  event_time,
  TRUE AS is_checkout,
  CASE payment_status WHEN 'succeeded' THEN 'purchase' WHEN 'failed' THEN 'payment_failed' ELSE 'unknown' END AS `action`,
  source,
  first_in_minute
FROM counted_checkouts;
