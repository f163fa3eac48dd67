-- Grain: one alert. `inventory.low` when stock falls below the threshold, `inventory.out_of_stock` when it reaches zero,
-- each once until `inventory.recovered` says that there is enough again. `inventory.depleting` when there is enough, but
-- the forecast stock-out is within the horizon: once until it is far beyond it, or stock was below the threshold.
-- A movement makes one alert at most. Order is event time, then arrival.
CREATE TEMPORARY VIEW inventory_alerts AS
WITH moved AS (
  SELECT
    event_time,
    update_id,
    product_id,
    warehouse_id,
    traceparent,
    product_name,
    category_id,
    quantity,
    threshold,
    stock_level,
    sales_per_hour,
    stockout_at,
    stockout_earliest,
    stockout_latest,
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
    traceparent,
    product_name,
    category_id,
    quantity,
    threshold,
    stock_level,
    sales_per_hour,
    stockout_at,
    stockout_earliest,
    stockout_latest,
    previous_quantity,
    previous_level,
    -- 1 near, 0 far, null between the two, where what was said last still holds.
    CASE
      WHEN stock_level > 0 OR previous_level > 0 THEN 0
      WHEN stockout_at <= event_time + ${depleting_horizon} THEN 1
      WHEN stockout_at IS NULL OR stockout_at > event_time + ${depleting_rearm} THEN 0
    END AS depletion,
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
    traceparent,
    product_name,
    category_id,
    quantity,
    threshold,
    stock_level,
    sales_per_hour,
    stockout_at,
    stockout_earliest,
    stockout_latest,
    previous_quantity,
    previous_level,
    times_out,
    depletion,
    MAX(CASE stock_level WHEN 0 THEN times_out ELSE 0 END) OVER so_far AS times_out_before_recovery,
    COALESCE(LAST_VALUE(depletion) OVER so_far, 0) AS depleting
  FROM counted
  WINDOW so_far AS (
    PARTITION BY product_id, warehouse_id ORDER BY event_time ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
  )
),

watched AS (
  SELECT
    event_time,
    update_id,
    product_id,
    warehouse_id,
    traceparent,
    product_name,
    category_id,
    quantity,
    threshold,
    stock_level,
    sales_per_hour,
    stockout_at,
    stockout_earliest,
    stockout_latest,
    previous_quantity,
    previous_level,
    times_out,
    times_out_before_recovery,
    depletion,
    CASE COUNT(*) OVER latest_two WHEN 2 THEN FIRST_VALUE(depleting) OVER latest_two ELSE 0 END AS previous_depleting
  FROM compared
  WINDOW latest_two AS (
    PARTITION BY product_id, warehouse_id ORDER BY event_time ROWS BETWEEN 1 PRECEDING AND CURRENT ROW
  )
),

fired AS (
  SELECT
    event_time,
    update_id,
    product_id,
    warehouse_id,
    traceparent,
    product_name,
    category_id,
    quantity,
    threshold,
    sales_per_hour,
    stockout_at,
    stockout_earliest,
    stockout_latest,
    previous_quantity,
    CASE
      WHEN stock_level = 0 AND previous_level > 0 THEN 'inventory.recovered'
      WHEN stock_level = 1 AND COALESCE(previous_level, 0) = 0 THEN 'inventory.low'
      WHEN stock_level = 2 AND times_out = times_out_before_recovery + 1 THEN 'inventory.out_of_stock'
      WHEN depletion = 1 AND previous_depleting = 0 THEN 'inventory.depleting'
    END AS alert_type
  FROM watched
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
  COALESCE(alert_type, '') AS alert_type,
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
  ) AS `sequence`,
  CASE alert_type WHEN 'inventory.depleting' THEN sales_per_hour END AS sales_per_hour,
  CASE alert_type WHEN 'inventory.depleting' THEN stockout_at END AS stockout_at,
  CASE alert_type WHEN 'inventory.depleting' THEN stockout_earliest END AS stockout_earliest,
  CASE alert_type WHEN 'inventory.depleting' THEN stockout_latest END AS stockout_latest,
  NULLIF(traceparent, '') AS traceparent
FROM fired
WHERE alert_type IS NOT NULL;
