-- Grain: messages of one of the shoppers' topics that could be read in time, by what became of them.
CREATE TEMPORARY VIEW message_outcomes__shop AS
SELECT
  '${clickstream}' AS topic,
  'counted' AS outcome,
  events - checkouts AS messages
FROM minute_actions
UNION ALL
SELECT
  '${checkouts}' AS topic,
  'counted' AS outcome,
  checkouts AS messages
FROM minute_actions
WHERE checkouts > 0
UNION ALL
SELECT
  CASE WHEN checkout_id IS NULL THEN '${clickstream}' ELSE '${checkouts}' END AS topic,
  'duplicate' AS outcome,
  CAST(1 AS BIGINT) AS messages
FROM user_events
WHERE is_duplicate
UNION ALL
SELECT
  '${refunds}' AS topic,
  'counted' AS outcome,
  refunds AS messages
FROM minute_refunds
UNION ALL
SELECT
  '${refunds}' AS topic,
  'duplicate' AS outcome,
  CAST(1 AS BIGINT) AS messages
FROM on_time_refunds
WHERE is_duplicate;
