-- How many events came too late to count, and by how much the latest of them missed the watermark.
SELECT
  topic,
  COUNT(*) AS events,
  MAX(TIMESTAMPDIFF(SECOND, event_time, `watermark`)) AS worst_seconds
FROM late_events
GROUP BY topic;
