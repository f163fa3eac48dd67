-- Grain: hour that begins every 5 minutes, rank: the ten products with most units sold; ties are broken by product_id.
CREATE TEMPORARY VIEW top_products AS
SELECT
  window_start,
  window_end,
  place AS `rank`,
  product_id,
  units
FROM (
  SELECT
    window_start,
    window_end,
    product_id,
    units,
    ROW_NUMBER() OVER (PARTITION BY window_start, window_end ORDER BY units DESC, product_id ASC) AS place
  FROM (
    SELECT
      window_start,
      window_end,
      product_id,
      SUM(CAST(quantity AS BIGINT)) AS units
    FROM HOP(TABLE counted_checkouts, DESCRIPTOR (event_time), INTERVAL '5' MINUTE, INTERVAL '1' HOUR)
    WHERE payment_status = 'succeeded'
    GROUP BY window_start, window_end, product_id
  )
)
WHERE place <= 10;
