-- Grain: inventory updates that could be read in time, by what became of them.
CREATE TEMPORARY VIEW message_outcomes__stock AS
SELECT
  '${inventory_updates}' AS topic,
  'counted' AS outcome,
  COUNT(*) AS messages
FROM TUMBLE(TABLE counted_inventory_updates, DESCRIPTOR (event_time), INTERVAL '1' MINUTE)
GROUP BY window_start, window_end
UNION ALL
SELECT
  '${inventory_updates}' AS topic,
  'duplicate' AS outcome,
  CAST(1 AS BIGINT) AS messages
FROM on_time_inventory_updates
WHERE is_duplicate;
