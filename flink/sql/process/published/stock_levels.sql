-- Grain: product and warehouse (upsert), when quantity, threshold or level are not what they were, at most once a second of
-- event time. Of a second's updates the last one counts, by event time, then arrival.
CREATE TEMPORARY VIEW stock_levels AS
WITH seconds AS (
  SELECT
    window_time,
    event_time,
    product_id,
    warehouse_id,
    product_name,
    category_id,
    quantity,
    threshold,
    stock_level
  FROM (
    SELECT
      *,
      ROW_NUMBER() OVER (
        PARTITION BY window_start, window_end, product_id, warehouse_id ORDER BY event_time DESC
      ) AS place
    FROM TUMBLE(TABLE enriched_inventory_updates, DESCRIPTOR (event_time), INTERVAL '1' SECOND)
  )
  WHERE place = 1
),

compared AS (
  SELECT
    event_time,
    product_id,
    warehouse_id,
    product_name,
    category_id,
    quantity,
    threshold,
    stock_level,
    LAG(quantity) OVER stock AS previous_quantity,
    LAG(threshold) OVER stock AS previous_threshold
  FROM seconds
  WINDOW stock AS (PARTITION BY product_id, warehouse_id ORDER BY window_time)
)

SELECT
  product_id,
  warehouse_id,
  product_name,
  category_id,
  quantity,
  threshold,
  CASE stock_level WHEN 0 THEN 'enough' WHEN 1 THEN 'low' ELSE 'out' END AS `level`,
  event_time
FROM compared
-- The level is made of the two.
WHERE
  previous_quantity IS DISTINCT FROM quantity
  OR previous_threshold IS DISTINCT FROM threshold;
