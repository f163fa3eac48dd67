-- Grain: one refund with its top-level category as of its own time, whenever the purchase was.
CREATE TEMPORARY VIEW refund_amounts AS
SELECT
  r.event_time,
  r.amount,
  r.currency,
  COALESCE(c.parent_category_name, 'Unknown') AS category
FROM categorized_refunds AS r
LEFT JOIN categories FOR SYSTEM_TIME AS OF r.event_time AS c ON r.category_id = c.category_id;
