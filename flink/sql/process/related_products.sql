-- Grain: product (upsert), with its 20 most related products, every five seconds. A co-view weighs twice as much for every
-- week since 5 January 2026, which halves it every week compared with newer ones; powers of two add up without rounding,
-- so the result does not depend on the order of events.
CREATE TEMPORARY VIEW related_products AS
WITH weighed AS ( -- noqa: ST03
  SELECT
    event_time,
    product_id,
    related,
    slot_end,
    -- Seconds, since a difference in whole hours is cut off towards zero, which before that day is the wrong way.
    POWER(2, FLOOR(TIMESTAMPDIFF(SECOND, TIMESTAMP '2026-01-05 00:00:00', slot_end) / CAST(604800 AS DOUBLE))) AS weight
  FROM co_views
)

SELECT
  product_id,
  as_of,
  related
FROM rank_related( -- noqa: PRS
  pairs => TABLE weighed PARTITION BY product_id,
  memory => ${co_view_memory},
  on_time => DESCRIPTOR(event_time),
  uid => 'rank_related'
);
