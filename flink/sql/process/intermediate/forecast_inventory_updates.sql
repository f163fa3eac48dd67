-- Grain: one inventory update, counted once, with the forecast when its stock will be out; null where there is none.
CREATE TEMPORARY VIEW forecast_inventory_updates AS
SELECT
  rowtime AS event_time,
  update_id,
  product_id,
  warehouse_id,
  traceparent,
  quantity_on_hand,
  sales_per_hour,
  stockout_at,
  stockout_earliest,
  stockout_latest
FROM forecast_stock( -- noqa: PRS
  updates => TABLE inventory_updates_in_order PARTITION BY (product_id, warehouse_id),
  time_zone => '${time_zone}',
  on_time => DESCRIPTOR(event_time),
  uid => 'forecast_stock'
);
