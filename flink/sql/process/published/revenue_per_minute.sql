-- Grain: minute, currency. A minute with refunds only has a row, too.
CREATE TEMPORARY VIEW revenue_per_minute AS
SELECT
  window_start,
  window_end,
  currency,
  gross,
  gross - revenue AS discount,
  shipping,
  revenue,
  refunds,
  revenue - refunds AS net_revenue,
  profit,
  orders,
  units,
  failed_payments
FROM (
  SELECT
    window_start,
    window_end,
    currency,
    COALESCE(SUM(gross) FILTER (WHERE paid), 0) AS gross,
    COALESCE(SUM(shipping) FILTER (WHERE paid), 0) AS shipping,
    COALESCE(SUM(revenue) FILTER (WHERE paid), 0) AS revenue,
    COALESCE(SUM(refund), 0) AS refunds,
    COALESCE(SUM(profit) FILTER (WHERE paid), 0) AS profit,
    COUNT(DISTINCT order_id) FILTER (WHERE paid) AS orders,
    COALESCE(SUM(CAST(quantity AS BIGINT)) FILTER (WHERE paid), 0) AS units,
    COUNT(*) FILTER (WHERE failed) AS failed_payments
  FROM TUMBLE(TABLE money_movements, DESCRIPTOR (event_time), INTERVAL '1' MINUTE)
  GROUP BY window_start, window_end, currency
);
