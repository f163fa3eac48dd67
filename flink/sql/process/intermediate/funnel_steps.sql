-- Grain: one step of a shopper towards a purchase (viewed, put into the cart, bought) with its top-level category as of the
-- event's time.
CREATE TEMPORARY VIEW funnel_steps AS
WITH clicked AS (
  SELECT
    event_time,
    user_id,
    `action`,
    category_id
  FROM clicks
  WHERE `action` IN ('product_view', 'add_to_cart') AND category_id IS NOT NULL
  UNION ALL
  SELECT
    c.event_time,
    c.user_id,
    c.`action`,
    p.category_id
  FROM clicks AS c
  LEFT JOIN products FOR SYSTEM_TIME AS OF c.event_time AS p ON c.product_id = p.product_id
  WHERE c.`action` IN ('product_view', 'add_to_cart') AND c.category_id IS NULL
)

SELECT
  c.event_time,
  c.user_id,
  c.`action` AS step,
  COALESCE(k.parent_category_name, 'Unknown') AS category
FROM clicked AS c
LEFT JOIN categories FOR SYSTEM_TIME AS OF c.event_time AS k ON c.category_id = k.category_id
UNION ALL
SELECT
  event_time,
  user_id,
  'purchase' AS step,
  category
FROM payments
WHERE paid;
