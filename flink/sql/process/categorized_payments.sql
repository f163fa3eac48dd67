-- Grain: one checkout with its money and its top-level category as of the event's time.
CREATE TEMPORARY VIEW categorized_payments AS
SELECT
  p.event_time,
  p.order_id,
  p.paid,
  p.failed,
  p.quantity,
  p.gross,
  p.revenue,
  p.shipping,
  p.profit,
  COALESCE(c.parent_category_name, 'Unknown') AS category
FROM payment_amounts AS p
LEFT JOIN categories FOR SYSTEM_TIME AS OF p.event_time AS c ON p.category_id = c.category_id;
