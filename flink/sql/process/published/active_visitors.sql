-- Grain: five minutes that begin every minute. A visitor is a user with any row in clickstream or checkouts; the pass over
-- each shopper's events says of a row in which of the five windows that hold its minute it is the shopper's first, so what
-- is added up for each window is a few numbers a minute.
CREATE TEMPORARY VIEW active_visitors AS
WITH arrivals AS (
  SELECT
    rowtime AS event_time,
    first_window,
    last_window
  FROM user_events
  WHERE first_window IS NOT NULL
),

minutes AS ( -- noqa: ST03
  SELECT
    window_start AS minute_start,
    window_time AS minute_time,
    first_window,
    last_window,
    COUNT(*) AS visitors
  FROM TUMBLE(TABLE arrivals, DESCRIPTOR (event_time), INTERVAL '1' MINUTE)
  GROUP BY window_start, window_end, window_time, first_window, last_window
)

SELECT
  window_start,
  window_end,
  SUM(visitors) AS visitors
FROM HOP(TABLE minutes, DESCRIPTOR (minute_time), INTERVAL '1' MINUTE, INTERVAL '5' MINUTE)
WHERE TIMESTAMPDIFF(MINUTE, minute_start, window_end) BETWEEN first_window AND last_window
GROUP BY window_start, window_end;
