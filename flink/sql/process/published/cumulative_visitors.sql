-- Grain: day and ten-minute bucket of the shop, by the zone's rules at that time. The pass over each shopper's events tells
-- when a shopper is seen for the first time that day; the running total of the newcomers is the day's visitors. Slots begin
-- at whole tens of minutes of the shop's own clock, or where the clock is changed.
CREATE TEMPORARY VIEW cumulative_visitors AS
WITH arrivals AS (
  SELECT
    rowtime AS event_time,
    is_first_of_day
  FROM user_events
  WHERE is_action OR is_checkout OR is_first_of_day
),

-- Since 1972, in no zone do they lie in two buckets.
minutes AS ( -- noqa: ST03
  SELECT
    window_time,
    COUNT(*) FILTER (WHERE is_first_of_day) AS newcomers
  FROM TUMBLE(TABLE arrivals, DESCRIPTOR (event_time), INTERVAL '1' MINUTE)
  GROUP BY window_start, window_end, window_time
),

bucketed AS (
  SELECT
    CAST(local_start AS DATE) AS `date`,
    window_start,
    window_end,
    rowtime AS window_time,
    total AS newcomers
  FROM sum_by_clock( -- noqa: PRS
    amounts => TABLE minutes,
    part => CAST(600000 AS BIGINT),
    time_zone => '${time_zone}',
    on_time => DESCRIPTOR(window_time),
    uid => 'cumulative_visitors'
  )
)

SELECT
  `date`,
  window_start,
  window_end,
  SUM(newcomers) OVER (
    PARTITION BY `date` ORDER BY window_time ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
  ) AS visitors
FROM bucketed;
