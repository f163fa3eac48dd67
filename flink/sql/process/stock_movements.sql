-- Grain: one stock movement, counted once. Late rows are in late_events; a repeated update_id is dropped.
CREATE TEMPORARY VIEW stock_movements AS
SELECT
  event_time,
  update_id,
  product_id,
  warehouse_id,
  quantity_on_hand
FROM (
  SELECT
    event_time,
    update_id,
    product_id,
    warehouse_id,
    quantity_on_hand,
    ROW_NUMBER() OVER (PARTITION BY update_id ORDER BY read_at) AS copy
  FROM inventory_movements
  WHERE
    unreadable IS NULL
    AND (CURRENT_WATERMARK(event_time) IS NULL OR event_time > CURRENT_WATERMARK(event_time))
)
WHERE copy = 1;
