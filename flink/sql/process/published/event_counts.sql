-- Grain: minute, action, source. Refunds are counted apart and added here: a union of rows would have each of them cross a
-- thread.
CREATE TEMPORARY VIEW event_counts AS
SELECT
  window_start,
  window_end,
  `action`,
  source,
  events
FROM minute_actions
UNION ALL
SELECT
  window_start,
  window_end,
  'refund' AS `action`,
  source,
  refunds AS events
FROM minute_refunds;
