-- Grain: one refund with its top-level category as of its own time, whenever the purchase was.
CREATE TEMPORARY VIEW refund_amounts AS
SELECT
  r.event_time,
  r.amount,
  r.currency,
  COALESCE(c.parent_category_name, 'Unknown') AS category
FROM (
  SELECT
    f.event_time,
    f.amount,
    f.currency,
    COALESCE(f.category_id, p.category_id) AS category_id
  FROM counted_refunds AS f
  LEFT JOIN products FOR SYSTEM_TIME AS OF f.event_time AS p ON f.product_id = p.product_id
) AS r
LEFT JOIN categories FOR SYSTEM_TIME AS OF r.event_time AS c ON r.category_id = c.category_id;
