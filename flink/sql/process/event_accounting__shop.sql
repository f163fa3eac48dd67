-- Grain: topic of shoppers' events (upsert): what became of its messages. What counts appears when its minute is over.
CREATE TEMPORARY VIEW event_accounting__shop AS
WITH fates AS (
  SELECT
    '${clickstream}' AS topic,
    events - checkouts AS counted,
    CAST(0 AS BIGINT) AS duplicates,
    CAST(0 AS BIGINT) AS late,
    CAST(0 AS BIGINT) AS dead
  FROM minute_actions
  UNION ALL
  SELECT
    '${checkouts}' AS topic,
    checkouts AS counted,
    CAST(0 AS BIGINT) AS duplicates,
    CAST(0 AS BIGINT) AS late,
    CAST(0 AS BIGINT) AS dead
  FROM minute_actions
  WHERE checkouts > 0
  UNION ALL
  SELECT
    CASE WHEN checkout_id IS NULL THEN '${clickstream}' ELSE '${checkouts}' END AS topic,
    CAST(0 AS BIGINT) AS counted,
    CAST(1 AS BIGINT) AS duplicates,
    CAST(0 AS BIGINT) AS late,
    CAST(0 AS BIGINT) AS dead
  FROM shopper_journeys
  WHERE is_duplicate
  UNION ALL
  SELECT
    topic,
    CAST(0 AS BIGINT) AS counted,
    CAST(0 AS BIGINT) AS duplicates,
    CAST(1 AS BIGINT) AS late,
    CAST(0 AS BIGINT) AS dead
  FROM late_events__shop
  UNION ALL
  SELECT
    topic,
    CAST(0 AS BIGINT) AS counted,
    CAST(0 AS BIGINT) AS duplicates,
    CAST(0 AS BIGINT) AS late,
    CAST(1 AS BIGINT) AS dead
  FROM dead_letters__shop
  WHERE topic IN ('${clickstream}', '${checkouts}')
)

SELECT
  topic,
  SUM(counted) AS counted,
  SUM(duplicates) AS duplicates,
  SUM(late) AS late,
  SUM(dead) AS dead
FROM fates
GROUP BY topic;
