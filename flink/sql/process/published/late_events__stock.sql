-- Grain: one inventory update older than the watermark when it was read; it is counted in no other stream.
CREATE TEMPORARY VIEW late_events__stock AS
SELECT
  '${inventory_updates}' AS topic,
  `partition`,
  `offset`,
  update_id AS event_id,
  event_time,
  COALESCE(CURRENT_WATERMARK(event_time), event_time) AS `watermark`,
  product_id AS `key`,
  reason AS `action`
FROM inventory_updates
WHERE decode_error IS NULL AND event_time <= CURRENT_WATERMARK(event_time);
