-- Grain: hour that begins every 5 minutes, rank: the ten products with most product views; ties are broken by product_id.
CREATE TEMPORARY VIEW most_viewed_products AS
SELECT
  window_start,
  window_end,
  place AS `rank`,
  COALESCE(product_id, '') AS product_id,
  `views`
FROM (
  SELECT
    window_start,
    window_end,
    product_id,
    `views`,
    ROW_NUMBER() OVER (PARTITION BY window_start, window_end ORDER BY `views` DESC, product_id ASC) AS place
  FROM (
    SELECT
      window_start,
      window_end,
      product_id,
      COUNT(*) AS `views`
    FROM HOP(TABLE clicks, DESCRIPTOR (event_time), INTERVAL '5' MINUTE, INTERVAL '1' HOUR)
    WHERE `action` = 'product_view' AND product_id IS NOT NULL
    GROUP BY window_start, window_end, product_id
  )
)
WHERE place <= 10;
