-- Grain: input topic (upsert): what became of its messages. Counted events appear when their minute is complete.
CREATE TEMPORARY VIEW event_accounting AS
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
    '${inventory_updates}' AS topic,
    COUNT(*) AS counted,
    CAST(0 AS BIGINT) AS duplicates,
    CAST(0 AS BIGINT) AS late,
    CAST(0 AS BIGINT) AS dead
  FROM TUMBLE(TABLE stock_movements, DESCRIPTOR (event_time), INTERVAL '1' MINUTE)
  GROUP BY window_start, window_end
  UNION ALL
  SELECT
    CASE WHEN checkout_id IS NULL THEN '${clickstream}' ELSE '${checkouts}' END AS topic,
    CAST(0 AS BIGINT) AS counted,
    CAST(1 AS BIGINT) AS duplicates,
    CAST(0 AS BIGINT) AS late,
    CAST(0 AS BIGINT) AS dead
  FROM shopper_journeys
  WHERE kind = 'duplicate'
  UNION ALL
  SELECT
    '${inventory_updates}' AS topic,
    CAST(0 AS BIGINT) AS counted,
    CAST(1 AS BIGINT) AS duplicates,
    CAST(0 AS BIGINT) AS late,
    CAST(0 AS BIGINT) AS dead
  FROM on_time_movements
  WHERE is_copy
  UNION ALL
  SELECT
    topic,
    CAST(0 AS BIGINT) AS counted,
    CAST(0 AS BIGINT) AS duplicates,
    CAST(1 AS BIGINT) AS late,
    CAST(0 AS BIGINT) AS dead
  FROM late_events
  UNION ALL
  SELECT
    topic,
    CAST(0 AS BIGINT) AS counted,
    CAST(0 AS BIGINT) AS duplicates,
    CAST(0 AS BIGINT) AS late,
    CAST(1 AS BIGINT) AS dead
  FROM dead_letters
  WHERE topic IN ('${clickstream}', '${checkouts}', '${inventory_updates}')
)

SELECT
  topic,
  SUM(counted) AS counted,
  SUM(duplicates) AS duplicates,
  SUM(late) AS late,
  SUM(dead) AS dead
FROM fates
GROUP BY topic;
