-- Grain: topic of stock movements (upsert): what became of its messages. What counts appears when its minute is over.
CREATE TEMPORARY VIEW event_accounting__stock AS
WITH fates AS (
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
  FROM late_events__stock
  UNION ALL
  SELECT
    topic,
    CAST(0 AS BIGINT) AS counted,
    CAST(0 AS BIGINT) AS duplicates,
    CAST(0 AS BIGINT) AS late,
    CAST(1 AS BIGINT) AS dead
  FROM dead_letters__stock
)

SELECT
  topic,
  SUM(counted) AS counted,
  SUM(duplicates) AS duplicates,
  SUM(late) AS late,
  SUM(dead) AS dead
FROM fates
GROUP BY topic;
