-- Grain: one refund that can be read and is on time; late rows are in late_events. `is_duplicate` marks those
-- whose refund_id has been read before.
CREATE TEMPORARY VIEW on_time_refunds AS
WITH readable AS ( -- noqa: ST03
  SELECT
    event_time,
    refund_id,
    user_id,
    product_id,
    category_id,
    amount,
    currency,
    source
  FROM shop_events
  WHERE
    decode_error IS NULL
    AND refund_id IS NOT NULL
    AND (CURRENT_WATERMARK(event_time) IS NULL OR event_time > CURRENT_WATERMARK(event_time))
)

SELECT *
FROM deduplicate( -- noqa: PRS
  events => TABLE readable PARTITION BY user_id,
  id => DESCRIPTOR(refund_id),
  dedup_window => ${checkout_dedup_window},
  on_time => DESCRIPTOR(event_time),
  uid => 'deduplicate_refunds'
);
