-- Grain: day and ten-minute slot of the shop. The pass over each shopper's events tells when a shopper is seen for the
-- first time that day; the running total of the newcomers is the day's visitors. Slots begin at whole tens of minutes of
-- the shop's own clock.
CREATE TEMPORARY VIEW cumulative_visitors AS
WITH arrivals AS (
  SELECT
    rowtime AS event_time,
    CASE WHEN is_first_of_day THEN 1 ELSE 0 END AS newcomers
  FROM shopper_journeys
  WHERE is_action OR is_checkout OR is_first_of_day
),

slots AS (
  SELECT
    CAST(
      TO_TIMESTAMP_LTZ(TIMESTAMPDIFF(SECOND, TIMESTAMP '1970-01-01 00:00:00', window_start), 0) AS DATE
    ) AS `date`,
    window_start,
    window_end,
    window_time,
    newcomers
  FROM (
    SELECT
      window_start,
      window_end,
      window_time,
      SUM(newcomers) AS newcomers
    FROM TUMBLE(TABLE arrivals, DESCRIPTOR (event_time), INTERVAL '10' MINUTE, ${slot_offset})
    GROUP BY window_start, window_end, window_time
  )
)

SELECT
  `date`,
  window_start,
  window_end,
  CAST(
    SUM(newcomers) OVER (PARTITION BY `date` ORDER BY window_time ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
    AS BIGINT
  ) AS visitors
FROM slots;
