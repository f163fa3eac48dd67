-- Grain: stock movements that could be read in time, by what became of them.
CREATE TEMPORARY VIEW message_fates__stock AS
SELECT
  '${inventory_updates}' AS topic,
  'counted' AS fate,
  COUNT(*) AS messages
FROM TUMBLE(TABLE stock_movements, DESCRIPTOR (event_time), INTERVAL '1' MINUTE)
GROUP BY window_start, window_end
UNION ALL
SELECT
  '${inventory_updates}' AS topic,
  'duplicate' AS fate,
  CAST(1 AS BIGINT) AS messages
FROM on_time_movements
WHERE is_copy;
