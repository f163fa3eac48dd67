-- Grain: one session that ended with something in the cart and nothing bought, written when it can grow no more.
CREATE TEMPORARY VIEW abandoned_carts AS
SELECT
  user_id,
  COALESCE(session_start, CAST(rowtime AS TIMESTAMP(3))) AS session_start,
  COALESCE(session_end, CAST(rowtime AS TIMESTAMP(3))) AS session_end,
  COALESCE(products_in_cart, 0) AS products_in_cart,
  cart AS product_ids,
  cart_value AS `value`
FROM user_events
WHERE is_session AND abandoned_cart;
