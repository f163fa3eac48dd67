-- Grain: minute.
CREATE TEMPORARY VIEW revenue_per_minute AS
SELECT
  window_start,
  window_end,
  COALESCE(SUM(gross) FILTER (WHERE paid), 0) AS gross,
  COALESCE(SUM(gross - revenue) FILTER (WHERE paid), 0) AS discount,
  COALESCE(SUM(shipping) FILTER (WHERE paid), 0) AS shipping,
  COALESCE(SUM(revenue) FILTER (WHERE paid), 0) AS revenue,
  COALESCE(SUM(profit) FILTER (WHERE paid), 0) AS profit,
  COUNT(DISTINCT order_id) FILTER (WHERE paid) AS orders,
  COALESCE(SUM(CAST(quantity AS BIGINT)) FILTER (WHERE paid), 0) AS units,
  COUNT(*) FILTER (WHERE failed) AS failed_payments
FROM TUMBLE(TABLE payments, DESCRIPTOR (event_time), INTERVAL '1' MINUTE)
GROUP BY window_start, window_end;
