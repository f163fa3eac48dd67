-- Grain: one checkout with its money, its top-level category and its user, as of the event's time.
CREATE TEMPORARY VIEW payments AS
SELECT
  a.event_time,
  a.checkout_id,
  a.order_id,
  a.user_id,
  a.product_id,
  a.payment_status,
  a.payment_failure_reason,
  a.quantity,
  a.currency,
  a.payment_status = 'succeeded' AS paid,
  a.payment_status = 'failed' AS failed,
  a.gross,
  a.revenue,
  a.shipping,
  a.profit,
  a.click_id,
  a.click_time,
  a.channel,
  COALESCE(c.parent_category_name, 'Unknown') AS category,
  COALESCE(u.name, 'Unknown') AS user_name,
  COALESCE(u.gender, 'Unknown') AS gender
FROM payment_amounts AS a
LEFT JOIN categories FOR SYSTEM_TIME AS OF a.event_time AS c ON a.category_id = c.category_id
LEFT JOIN users FOR SYSTEM_TIME AS OF a.event_time AS u ON a.user_id = u.user_id;
