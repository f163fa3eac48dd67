-- Grain: one inventory update that can be read and is on time; late rows are in late_events. `is_duplicate` marks
-- those whose update_id has been read before.
CREATE TEMPORARY VIEW on_time_inventory_updates AS
WITH readable AS ( -- noqa: ST03
  SELECT
    event_time,
    update_id,
    product_id,
    warehouse_id,
    -- W3C Trace Context; anything else is left behind, however long it is.
    COALESCE(
      REGEXP_EXTRACT(
        CAST(headers['traceparent'] AS STRING),
        '^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$',
        0
      ),
      ''
    ) AS traceparent,
    quantity_on_hand,
    -- As a BIGINT: minus the lowest INT is none.
    CASE WHEN reason = 'sale' AND `change` < 0 THEN -CAST(`change` AS BIGINT) ELSE 0 END AS units_sold
  FROM inventory_updates
  WHERE
    decode_error IS NULL
    AND (CURRENT_WATERMARK(event_time) IS NULL OR event_time > CURRENT_WATERMARK(event_time))
)

SELECT *
FROM deduplicate( -- noqa: PRS
  events => TABLE readable PARTITION BY product_id,
  id => DESCRIPTOR(update_id),
  dedup_window => ${checkout_dedup_window},
  on_time => DESCRIPTOR(event_time),
  uid => 'deduplicate'
);
