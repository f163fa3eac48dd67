-- Grain: one inventory update, counted once.
CREATE TEMPORARY VIEW counted_inventory_updates AS
SELECT
  rowtime AS event_time,
  update_id,
  product_id,
  warehouse_id,
  traceparent,
  quantity_on_hand,
  units_sold
FROM on_time_inventory_updates
WHERE NOT is_duplicate;
