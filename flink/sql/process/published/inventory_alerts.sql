-- Grain: one alert. `inventory.low` when stock falls below the threshold, `inventory.out_of_stock` when it reaches zero,
-- each once until `inventory.recovered` says that there is enough again. Order is event time, then arrival.
CREATE TEMPORARY VIEW inventory_alerts AS
WITH moved AS (
  SELECT
    event_time,
    update_id,
    product_id,
    warehouse_id,
    product_name,
    category_id,
    quantity,
    threshold,
    stock_level,
    -- LAG would see updates of the same millisecond as one; a frame of two rows tells them apart.
    CASE COUNT(*) OVER latest_two WHEN 2 THEN FIRST_VALUE(quantity) OVER latest_two END AS previous_quantity,
    CASE COUNT(*) OVER latest_two WHEN 2 THEN FIRST_VALUE(stock_level) OVER latest_two END AS previous_level
  FROM enriched_inventory_updates
  WINDOW latest_two AS (
    PARTITION BY product_id, warehouse_id ORDER BY event_time ROWS BETWEEN 1 PRECEDING AND CURRENT ROW
  )
),

counted AS (
  SELECT
    event_time,
    update_id,
    product_id,
    warehouse_id,
    product_name,
    category_id,
    quantity,
    threshold,
    stock_level,
    previous_quantity,
    previous_level,
    COUNT(CASE stock_level WHEN 2 THEN 1 END) OVER (
      PARTITION BY product_id, warehouse_id ORDER BY event_time ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS times_out
  FROM moved
),

compared AS (
  SELECT
    event_time,
    update_id,
    product_id,
    warehouse_id,
    product_name,
    category_id,
    quantity,
    threshold,
    stock_level,
    previous_quantity,
    previous_level,
    times_out,
    MAX(CASE stock_level WHEN 0 THEN times_out ELSE 0 END) OVER (
      PARTITION BY product_id, warehouse_id ORDER BY event_time ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS times_out_before_recovery
  FROM counted
),

fired AS (
  SELECT
    event_time,
    update_id,
    product_id,
    warehouse_id,
    product_name,
    category_id,
    quantity,
    threshold,
    stock_level,
    previous_quantity
  FROM compared
  WHERE
    (stock_level = 0 AND previous_level > 0)
    OR (stock_level = 1 AND COALESCE(previous_level, 0) = 0)
    OR (stock_level = 2 AND times_out = times_out_before_recovery + 1)
)

SELECT
  -- Escaped, since ids may hold the separator: `a|b` and `c` are not `a` and `b|c`.
  MD5(
    CONCAT_WS(
      '|',
      REPLACE(REPLACE(product_id, '%', '%25'), '|', '%7C'),
      REPLACE(REPLACE(warehouse_id, '%', '%25'), '|', '%7C'),
      REPLACE(REPLACE(update_id, '%', '%25'), '|', '%7C')
    )
  ) AS alert_id,
  CASE stock_level
    WHEN 0 THEN 'inventory.recovered'
    WHEN 1 THEN 'inventory.low'
    ELSE 'inventory.out_of_stock'
  END AS alert_type,
  event_time,
  product_id,
  product_name,
  category_id,
  warehouse_id,
  quantity,
  previous_quantity,
  threshold,
  update_id,
  COUNT(*) OVER (
    PARTITION BY product_id, warehouse_id ORDER BY event_time ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
  ) AS `sequence`
FROM fired;
