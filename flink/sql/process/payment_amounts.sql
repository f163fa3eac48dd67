-- Grain: one checkout with its money, by its product's commission as of the event's time. A price that is unknown adds no
-- revenue, an unknown product earns no commission; what a failed payment would have brought is left to its readers.
CREATE TEMPORARY VIEW payment_amounts AS
SELECT
  event_time,
  order_id,
  user_id,
  category_id,
  payment_status = 'succeeded' AS paid,
  payment_status = 'failed' AS failed,
  quantity,
  unit_price * quantity AS gross,
  unit_price * quantity * (1 - discount_rate) AS revenue,
  shipping_cost AS shipping,
  unit_price * quantity * (1 - discount_rate) * commission_rate - shipping_cost AS profit
FROM (
  SELECT
    p.event_time,
    p.order_id,
    p.user_id,
    p.payment_status,
    p.quantity,
    p.discount_rate,
    p.shipping_cost,
    COALESCE(p.unit_price, CAST(0 AS DECIMAL(12, 2))) AS unit_price,
    COALESCE(d.commission_rate, CAST(0 AS DECIMAL(5, 4))) AS commission_rate,
    COALESCE(p.category_id, d.category_id) AS category_id
  FROM payments AS p
  LEFT JOIN products FOR SYSTEM_TIME AS OF p.event_time AS d ON p.product_id = d.product_id
);
