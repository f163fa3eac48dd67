-- Grain: one inventory update with its product as of that time, the forecast when its stock will be out, and the level it
-- leaves: 0 enough, 1 low (below the product's threshold), 2 out of stock.
CREATE TEMPORARY VIEW enriched_inventory_updates AS
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
  CASE WHEN quantity <= 0 THEN 2 WHEN quantity < threshold THEN 1 ELSE 0 END AS stock_level
FROM (
  SELECT
    m.event_time,
    m.update_id,
    m.product_id,
    m.warehouse_id,
    m.traceparent,
    m.quantity_on_hand AS quantity,
    m.sales_per_hour,
    m.stockout_at,
    m.stockout_earliest,
    m.stockout_latest,
    COALESCE(p.name, 'Unknown') AS product_name,
    COALESCE(p.category_id, 'Unknown') AS category_id,
    COALESCE(p.reorder_threshold, 0) AS threshold
  FROM forecast_inventory_updates AS m
  LEFT JOIN products FOR SYSTEM_TIME AS OF m.event_time AS p ON m.product_id = p.product_id
);
