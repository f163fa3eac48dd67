-- Grain: one inventory update that could not be read, with its bytes, its place and the reason.
CREATE TEMPORARY VIEW dead_letters__stock AS
SELECT
  '${inventory_updates}' AS topic,
  `partition`,
  `offset`,
  COALESCE(decode_error, '') AS reason,
  raw_value AS payload
FROM inventory_updates
WHERE decode_error IS NOT NULL;
