-- Grain: one checkout (a product line of a payment attempt), counted once, with the click it is credited to. What every
-- checkout has is never null here, though it is in rows of other kinds.
CREATE TEMPORARY VIEW counted_checkouts AS
SELECT
  rowtime AS event_time,
  COALESCE(checkout_id, '') AS checkout_id,
  COALESCE(order_id, '') AS order_id,
  user_id,
  COALESCE(product_id, '') AS product_id,
  category_id,
  COALESCE(quantity, 0) AS quantity,
  unit_price,
  COALESCE(discount_rate, CAST(0 AS DECIMAL(5, 4))) AS discount_rate,
  COALESCE(shipping_cost, CAST(0 AS DECIMAL(12, 2))) AS shipping_cost,
  COALESCE(currency, '') AS currency,
  COALESCE(payment_status, '') AS payment_status,
  payment_failure_reason,
  source,
  click_id,
  click_time,
  first_channel AS channel,
  first_in_minute
FROM user_events
WHERE is_checkout;
