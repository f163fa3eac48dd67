-- Grain: top-level category (upsert): purchases so far.
CREATE TEMPORARY VIEW top_categories AS
SELECT
  category,
  COUNT(*) AS purchases
FROM payments
WHERE paid
GROUP BY category;
