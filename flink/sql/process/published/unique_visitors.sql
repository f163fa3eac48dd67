-- Grain: minute. A visitor is a user with any row in clickstream or checkouts; the pass over each shopper's events has
-- marked one row of every minute in which there are any.
CREATE TEMPORARY VIEW unique_visitors AS
WITH marked AS (
  SELECT
    window_time,
    visitors
  FROM minute_actions
)

SELECT
  window_start,
  window_end,
  SUM(visitors) AS visitors
FROM TUMBLE(TABLE marked, DESCRIPTOR (window_time), INTERVAL '1' MINUTE)
GROUP BY window_start, window_end;
