-- Grain: one checkout with its money, by its product's commission as of the event's time. A price that is unknown adds no
-- revenue, an unknown product earns no commission; what a failed payment would have brought is left to its readers.
CREATE TEMPORARY VIEW payment_amounts AS
SELECT
  event_time,
  checkout_id,
  order_id,
  user_id,
  product_id,
  category_id,
  payment_status,
  payment_failure_reason,
  quantity,
  currency,
  gross,
  gross * paid_share AS revenue,
  shipping,
  gross * paid_share * commission_rate - shipping AS profit,
  click_id,
  click_time,
  channel
FROM (
  SELECT
    c.event_time,
    c.checkout_id,
    c.order_id,
    c.user_id,
    c.product_id,
    c.payment_status,
    c.payment_failure_reason,
    c.quantity,
    c.currency,
    c.click_id,
    c.click_time,
    c.channel,
    c.shipping_cost AS shipping,
    COALESCE(c.category_id, p.category_id) AS category_id,
    COALESCE(c.unit_price, CAST(0 AS DECIMAL(12, 2))) * c.quantity AS gross,
    -- As narrow as it can be: the planner refuses products of more than 38 digits.
    CAST(1 AS DECIMAL(1, 0)) - c.discount_rate AS paid_share,
    COALESCE(p.commission_rate, CAST(0 AS DECIMAL(5, 4))) AS commission_rate
  FROM counted_checkouts AS c
  LEFT JOIN products FOR SYSTEM_TIME AS OF c.event_time AS p ON c.product_id = p.product_id
);
