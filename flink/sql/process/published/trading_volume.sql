-- Grain: date and hour of the shop's own day, by the zone's rules at that time. An hour is what the clock goes through at
-- one go: the hour that a change of clocks repeats, or half of it, gives another row, told apart by window_start, and an
-- hour that a change cuts short has a shorter window. Minutes are added up: since 1972, no zone has one of two hours.
CREATE TEMPORARY VIEW trading_volume AS
WITH minutes AS ( -- noqa: ST03
  SELECT
    window_time,
    checkouts AS purchases
  FROM minute_actions
  WHERE `action` = 'purchase'
)

SELECT
  window_start,
  window_end,
  CAST(local_start AS DATE) AS `date`,
  CAST(EXTRACT(HOUR FROM local_start) AS INT) AS `hour`,
  total AS purchases
FROM sum_by_clock( -- noqa: PRS
  amounts => TABLE minutes,
  part => CAST(3600000 AS BIGINT),
  time_zone => '${time_zone}',
  on_time => DESCRIPTOR(window_time),
  uid => 'trading_volume'
);
