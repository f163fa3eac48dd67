-- Grain: minute, currency, gender of the user as of the event's time.
CREATE TEMPORARY VIEW buyers_by_gender AS
SELECT
  window_start,
  window_end,
  currency,
  gender,
  COUNT(DISTINCT user_id) AS buyers,
  SUM(revenue) AS revenue
FROM TUMBLE(TABLE payments, DESCRIPTOR (event_time), INTERVAL '1' MINUTE)
WHERE paid
GROUP BY window_start, window_end, currency, gender;
