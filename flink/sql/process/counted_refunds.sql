-- Grain: one refund, counted once.
CREATE TEMPORARY VIEW counted_refunds AS
SELECT
  rowtime AS event_time,
  product_id,
  category_id,
  amount,
  currency,
  source
FROM on_time_refunds
WHERE NOT is_copy;
