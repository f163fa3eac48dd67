-- Grain: minute, source.
CREATE TEMPORARY VIEW minute_refunds AS
SELECT
  window_start,
  window_end,
  source,
  COUNT(*) AS refunds
FROM TUMBLE(TABLE counted_refunds, DESCRIPTOR (event_time), INTERVAL '1' MINUTE)
GROUP BY window_start, window_end, source;
