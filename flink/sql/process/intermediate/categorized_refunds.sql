-- Grain: one refund with the category it names, else its product's as of the refund's time.
CREATE TEMPORARY VIEW categorized_refunds AS
SELECT
  f.event_time,
  f.amount,
  f.currency,
  COALESCE(f.category_id, p.category_id) AS category_id
FROM counted_refunds AS f
LEFT JOIN products FOR SYSTEM_TIME AS OF f.event_time AS p ON f.product_id = p.product_id;
