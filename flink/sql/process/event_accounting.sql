-- Grain: input topic (upsert): what became of its messages. Counted events appear when their minute is complete.
CREATE TEMPORARY VIEW event_accounting AS
WITH fates AS (
  SELECT
    topic,
    fate,
    messages
  FROM message_fates
  UNION ALL
  SELECT
    topic,
    'late' AS fate,
    CAST(1 AS BIGINT) AS messages
  FROM late_events
  UNION ALL
  SELECT
    topic,
    'dead' AS fate,
    CAST(1 AS BIGINT) AS messages
  FROM dead_letters
  WHERE topic IN ('${clickstream}', '${checkouts}', '${refunds}', '${inventory_updates}')
)

SELECT
  topic,
  SUM(CASE fate WHEN 'counted' THEN messages ELSE 0 END) AS counted,
  SUM(CASE fate WHEN 'duplicate' THEN messages ELSE 0 END) AS duplicates,
  SUM(CASE fate WHEN 'late' THEN messages ELSE 0 END) AS late,
  SUM(CASE fate WHEN 'dead' THEN messages ELSE 0 END) AS dead
FROM fates
GROUP BY topic;
