-- Grain: one stock movement, counted once.
CREATE TEMPORARY VIEW stock_movements AS
SELECT
  rowtime AS event_time,
  update_id,
  product_id,
  warehouse_id,
  quantity_on_hand
FROM on_time_movements
WHERE NOT is_copy;
