-- Grain: date and hour of the shop's own day. Windows are whole hours of the configured time zone; the hour that a change
-- of clocks repeats gives two rows, told apart by window_start.
CREATE TEMPORARY VIEW trading_volume AS
SELECT
  window_start,
  window_end,
  CAST(local_start AS DATE) AS `date`,
  CAST(EXTRACT(HOUR FROM local_start) AS INT) AS `hour`,
  purchases
FROM (
  SELECT
    window_start,
    window_end,
    CAST(TO_TIMESTAMP_LTZ(TIMESTAMPDIFF(SECOND, TIMESTAMP '1970-01-01 00:00:00', window_start), 0) AS TIMESTAMP(3))
      AS local_start,
    COUNT(*) AS purchases
  FROM TUMBLE(TABLE counted_checkouts, DESCRIPTOR (event_time), INTERVAL '1' HOUR, ${hour_offset})
  WHERE payment_status = 'succeeded'
  GROUP BY window_start, window_end
);
