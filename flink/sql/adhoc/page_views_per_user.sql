-- Page views per minute, user and page. The watermark of clickstream trails by 5 seconds (ANALYTICS_WATERMARK_DELAY): a
-- minute is told once an event of 5 seconds after its end has been read. A repeated event counts once.
SELECT
  window_start,
  user_id,
  page,
  COUNT(DISTINCT event_id) AS `views`
FROM TUMBLE(TABLE clickstream, DESCRIPTOR (event_time), INTERVAL '1' MINUTE)
WHERE `action` = 'page_view'
GROUP BY window_start, window_end, user_id, page;
