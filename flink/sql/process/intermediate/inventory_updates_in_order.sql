-- Grain: one inventory update, counted once, in order of event time, with the rhythm of the shop's day: how much the shop
-- sells in each hour of it, by the seven days before.
CREATE TEMPORARY VIEW inventory_updates_in_order AS
SELECT
  rowtime AS event_time,
  update_id,
  product_id,
  warehouse_id,
  traceparent,
  quantity_on_hand,
  units_sold,
  rhythm
FROM add_rhythm( -- noqa: PRS
  updates => TABLE counted_inventory_updates,
  time_zone => '${time_zone}',
  on_time => DESCRIPTOR(event_time),
  uid => 'add_rhythm'
);
