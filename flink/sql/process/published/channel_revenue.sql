-- Grain: minute, currency, channel of the user's first click in the hour before the checkout.
CREATE TEMPORARY VIEW channel_revenue AS
SELECT
  window_start,
  window_end,
  currency,
  channel,
  COUNT(*) AS checkouts,
  COUNT(*) FILTER (WHERE paid) AS purchases,
  COALESCE(SUM(revenue) FILTER (WHERE paid), 0) AS revenue,
  COALESCE(SUM(profit) FILTER (WHERE paid), 0) AS profit
FROM (
  SELECT
    window_start,
    window_end,
    currency,
    COALESCE(channel, 'Unknown') AS channel,
    paid,
    revenue,
    profit
  FROM TUMBLE(TABLE payments, DESCRIPTOR (event_time), INTERVAL '1' MINUTE)
)
GROUP BY window_start, window_end, currency, channel;
