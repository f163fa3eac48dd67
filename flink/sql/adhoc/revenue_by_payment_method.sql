-- Orders and revenue so far by currency and payment method, a repeated checkout once; before refunds.
SELECT
  currency,
  payment_method,
  COUNT(DISTINCT order_id) AS orders,
  COALESCE(SUM(unit_price * quantity * (1 - discount_rate)), 0) AS revenue
FROM (
  SELECT
    *,
    ROW_NUMBER() OVER (PARTITION BY user_id, checkout_id ORDER BY event_time) AS occurrence
  FROM checkouts
)
WHERE occurrence = 1 AND payment_status = 'succeeded'
GROUP BY currency, payment_method;
