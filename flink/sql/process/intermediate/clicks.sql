-- Grain: one user action, counted once.
CREATE TEMPORARY VIEW clicks AS
SELECT
  rowtime AS event_time,
  user_id,
  `action`,
  product_id,
  category_id,
  source,
  first_in_minute
FROM user_events
WHERE is_action;
