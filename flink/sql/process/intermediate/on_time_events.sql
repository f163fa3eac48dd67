-- Grain: one row of clickstream or checkouts that can be read and is on time; late rows are in late_events. A refund is
-- nothing that a shopper does in a session. The order of the columns is that of function process_user_events.
CREATE TEMPORARY VIEW on_time_events AS
SELECT
  event_time,
  channel,
  user_id,
  event_id,
  checkout_id,
  order_id,
  `action`,
  product_id,
  category_id,
  source,
  quantity,
  unit_price,
  discount_rate,
  shipping_cost,
  currency,
  payment_status,
  payment_failure_reason
FROM shop_events
WHERE
  decode_error IS NULL
  AND refund_id IS NULL
  AND (CURRENT_WATERMARK(event_time) IS NULL OR event_time > CURRENT_WATERMARK(event_time));
