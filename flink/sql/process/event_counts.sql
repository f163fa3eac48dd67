-- Grain: minute, action, source.
CREATE TEMPORARY VIEW event_counts AS
SELECT
  window_start,
  window_end,
  `action`,
  source,
  events
FROM minute_actions;
