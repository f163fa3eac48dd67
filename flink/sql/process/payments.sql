-- Grain: one checkout (a product line of a payment attempt), counted once. Late rows are in late_events; a repeated
-- checkout_id is dropped.
CREATE TEMPORARY VIEW payments AS
SELECT
  order_id,
  event_time,
  user_id,
  product_id,
  category_id,
  quantity,
  unit_price,
  discount_rate,
  shipping_cost,
  payment_status,
  source
FROM (
  SELECT
    order_id,
    event_time,
    user_id,
    product_id,
    category_id,
    quantity,
    unit_price,
    discount_rate,
    shipping_cost,
    payment_status,
    source,
    ROW_NUMBER() OVER (PARTITION BY checkout_id ORDER BY read_at) AS copy
  FROM shop_events
  WHERE
    topic = '${checkouts}'
    AND unreadable IS NULL
    AND (CURRENT_WATERMARK(event_time) IS NULL OR event_time > CURRENT_WATERMARK(event_time))
)
WHERE copy = 1;
