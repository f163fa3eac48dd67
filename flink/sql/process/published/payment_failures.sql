-- Grain: minute, reason.
CREATE TEMPORARY VIEW payment_failures AS
SELECT
  window_start,
  window_end,
  reason,
  COUNT(*) AS failures
FROM (
  SELECT
    window_start,
    window_end,
    COALESCE(payment_failure_reason, 'Unknown') AS reason
  FROM TUMBLE(TABLE counted_checkouts, DESCRIPTOR (event_time), INTERVAL '1' MINUTE)
  WHERE payment_status = 'failed'
)
GROUP BY window_start, window_end, reason;
