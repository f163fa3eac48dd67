-- The best sellers of each hour by the names they have now; a product that nobody has described keeps its place.
SELECT
  sold.window_start,
  sold.`rank`,
  COALESCE(products.name, 'Unknown') AS product,
  sold.units
FROM top_products AS sold
LEFT JOIN products ON sold.product_id = products.product_id;
