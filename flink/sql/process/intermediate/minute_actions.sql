-- Grain: minute, action, source.
CREATE TEMPORARY VIEW minute_actions AS
SELECT
  window_start,
  window_end,
  window_time,
  -- Never null in what a shopper does, and asked once for a minute instead of for every row.
  COALESCE(`action`, 'unknown') AS `action`,
  COALESCE(source, 'unknown') AS source,
  COUNT(*) AS events,
  COUNT(*) FILTER (WHERE is_checkout) AS checkouts,
  COUNT(*) FILTER (WHERE first_in_minute) AS visitors
FROM TUMBLE(TABLE shop_actions, DESCRIPTOR (event_time), INTERVAL '1' MINUTE)
GROUP BY window_start, window_end, window_time, `action`, source;
