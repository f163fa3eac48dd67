-- Grain: one refund, counted once. What every refund has is never null here, though it is in rows of other topics.
CREATE TEMPORARY VIEW counted_refunds AS
SELECT
  rowtime AS event_time,
  COALESCE(product_id, '') AS product_id,
  category_id,
  COALESCE(amount, CAST(0 AS DECIMAL(12, 2))) AS amount,
  COALESCE(currency, '') AS currency,
  source
FROM on_time_refunds
WHERE NOT is_duplicate;
