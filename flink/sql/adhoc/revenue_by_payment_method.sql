-- Orders and revenue so far by payment method, a repeated checkout once.
SELECT
  payment_method,
  COUNT(DISTINCT order_id) AS orders,
  COALESCE(SUM(unit_price * quantity * (1 - discount_rate)), 0) AS revenue
FROM (
  SELECT
    *,
    ROW_NUMBER() OVER (PARTITION BY checkout_id ORDER BY event_time) AS copy
  FROM checkouts
)
WHERE copy = 1 AND payment_status = 'succeeded'
GROUP BY payment_method;
