-- Grain: input topic (upsert): what became of its messages. Counted events appear when their minute is complete.
CREATE TEMPORARY VIEW event_accounting AS
WITH outcomes AS (
  SELECT
    topic,
    outcome,
    messages
  FROM message_outcomes
  UNION ALL
  SELECT
    topic,
    'late' AS outcome,
    CAST(1 AS BIGINT) AS messages
  FROM late_events
  UNION ALL
  SELECT
    topic,
    'dead' AS outcome,
    CAST(1 AS BIGINT) AS messages
  FROM dead_letters
  WHERE topic IN ('${clickstream}', '${checkouts}', '${refunds}', '${inventory_updates}')
)

SELECT
  topic,
  SUM(CASE outcome WHEN 'counted' THEN messages ELSE 0 END) AS counted,
  SUM(CASE outcome WHEN 'duplicate' THEN messages ELSE 0 END) AS duplicates,
  SUM(CASE outcome WHEN 'late' THEN messages ELSE 0 END) AS late,
  SUM(CASE outcome WHEN 'dead' THEN messages ELSE 0 END) AS dead
FROM outcomes
GROUP BY topic;
