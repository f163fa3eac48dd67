-- Grain: minute. A visitor is a user with any row in clickstream or checkouts.
CREATE TEMPORARY VIEW unique_visitors AS
SELECT
  window_start,
  window_end,
  COUNT(DISTINCT user_id) AS visitors
FROM TUMBLE(TABLE shop_actions, DESCRIPTOR (event_time), INTERVAL '1' MINUTE)
GROUP BY window_start, window_end;
