-- Grain: one stock movement that can be read and is on time; late rows are in late_events. `is_copy` marks those whose
-- update_id has been read before.
CREATE TEMPORARY VIEW on_time_movements AS
WITH readable AS ( -- noqa: ST03
  SELECT
    event_time,
    update_id,
    product_id,
    warehouse_id,
    quantity_on_hand
  FROM inventory_movements
  WHERE
    unreadable IS NULL
    AND (CURRENT_WATERMARK(event_time) IS NULL OR event_time > CURRENT_WATERMARK(event_time))
)

SELECT *
FROM mark_copies( -- noqa: PRS
  events => TABLE readable PARTITION BY product_id,
  id => DESCRIPTOR(update_id),
  horizon => ${checkout_horizon},
  on_time => DESCRIPTOR(event_time),
  uid => 'mark_copies'
);
