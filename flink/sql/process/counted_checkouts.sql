-- Grain: one checkout (a product line of a payment attempt), counted once, with the click it is credited to.
CREATE TEMPORARY VIEW counted_checkouts AS
SELECT
  rowtime AS event_time,
  checkout_id,
  order_id,
  user_id,
  product_id,
  category_id,
  quantity,
  unit_price,
  discount_rate,
  shipping_cost,
  currency,
  payment_status,
  payment_failure_reason,
  source,
  click_id,
  click_time,
  first_channel AS channel,
  first_in_minute
FROM shopper_journeys
WHERE is_checkout;
