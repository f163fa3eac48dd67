-- Grain: product and warehouse (upsert), for each minute of event time in which the stock moved: the forecast as of its
-- last update, by event time, then arrival.
CREATE TEMPORARY VIEW stock_forecasts AS
SELECT
  product_id,
  warehouse_id,
  window_start,
  window_end,
  event_time,
  product_name,
  category_id,
  quantity,
  sales_per_hour,
  stockout_at,
  stockout_earliest,
  stockout_latest
FROM (
  SELECT
    *,
    ROW_NUMBER() OVER (
      PARTITION BY window_start, window_end, product_id, warehouse_id ORDER BY event_time DESC
    ) AS place
  FROM TUMBLE(TABLE enriched_inventory_updates, DESCRIPTOR (event_time), INTERVAL '1' MINUTE)
)
WHERE place = 1;
