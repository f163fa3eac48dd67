-- Grain: minute, action, source.
CREATE TEMPORARY VIEW event_counts AS
SELECT
  window_start,
  window_end,
  `action`,
  source,
  COUNT(*) AS events
FROM TUMBLE(TABLE shop_actions, DESCRIPTOR (event_time), INTERVAL '1' MINUTE)
GROUP BY window_start, window_end, `action`, source;
