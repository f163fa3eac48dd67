-- Grain: messages of one of the shoppers' topics that could be read in time, by what became of them.
CREATE TEMPORARY VIEW message_fates__shop AS
SELECT
  '${clickstream}' AS topic,
  'counted' AS fate,
  events - checkouts AS messages
FROM minute_actions
UNION ALL
SELECT
  '${checkouts}' AS topic,
  'counted' AS fate,
  checkouts AS messages
FROM minute_actions
WHERE checkouts > 0
UNION ALL
SELECT
  CASE WHEN checkout_id IS NULL THEN '${clickstream}' ELSE '${checkouts}' END AS topic,
  'duplicate' AS fate,
  CAST(1 AS BIGINT) AS messages
FROM shopper_journeys
WHERE is_duplicate
UNION ALL
SELECT
  '${refunds}' AS topic,
  'counted' AS fate,
  refunds AS messages
FROM minute_refunds
UNION ALL
SELECT
  '${refunds}' AS topic,
  'duplicate' AS fate,
  CAST(1 AS BIGINT) AS messages
FROM on_time_refunds
WHERE is_copy;
