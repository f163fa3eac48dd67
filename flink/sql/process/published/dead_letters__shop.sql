-- Grain: one message of a shopper or of a dimension that could not be read, with its bytes, its place and the reason.
CREATE TEMPORARY VIEW dead_letters__shop AS
SELECT
  topic,
  `partition`,
  `offset`,
  COALESCE(decode_error, '') AS reason,
  raw_value AS payload
FROM shop_events
WHERE decode_error IS NOT NULL
UNION ALL
SELECT
  topic,
  `partition`,
  `offset`,
  COALESCE(decode_error, '') AS reason,
  raw_value AS payload
FROM dimension_messages
WHERE decode_error IS NOT NULL;
