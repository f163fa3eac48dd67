-- Grain: one checkout, paid or failed: exactly one final row, written as soon as no earlier click can come.
CREATE TEMPORARY VIEW attributed_checkouts AS
SELECT
  checkout_id,
  order_id,
  CAST(event_time AS TIMESTAMP(3)) AS checkout_time,
  user_id,
  user_name,
  product_id,
  payment_status,
  quantity,
  currency,
  CASE WHEN paid THEN revenue ELSE 0 END AS revenue,
  CASE WHEN paid THEN profit ELSE 0 END AS profit,
  click_id,
  click_time,
  channel
FROM payments;
