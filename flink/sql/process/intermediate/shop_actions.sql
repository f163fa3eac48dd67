-- Grain: one thing a visitor did, from clickstream and checkouts alike; a checkout is a `purchase` or a `payment_failed`.
-- One projection of what the pass over the shoppers finds out, not a union of two: a union would have every row cross a
-- thread.
CREATE TEMPORARY VIEW shop_actions AS
SELECT
  rowtime AS event_time,
  is_checkout,
  CASE
    WHEN is_action THEN `action`
    WHEN payment_status = 'succeeded' THEN 'purchase'
    WHEN payment_status = 'failed' THEN 'payment_failed'
    ELSE 'unknown'
  END AS `action`,
  source,
  first_in_minute
FROM user_events
WHERE is_action OR is_checkout;
