-- Grain: product (upsert), with its 20 most related products. A co-view weighs twice as much for every week since
-- 5 January 2026, which halves it every week compared with newer ones; powers of two add up without rounding, so the
-- result does not depend on the order of events.
CREATE TEMPORARY VIEW related_products AS
WITH weighed AS ( -- noqa: ST03
  SELECT
    window_time,
    product_id,
    related_id,
    pair_views,
    pair_views * POWER(2, FLOOR(TIMESTAMPDIFF(HOUR, TIMESTAMP '2026-01-05 00:00:00', window_end) / 168.0)) AS score
  FROM co_views
)

SELECT
  product_id,
  as_of,
  related
FROM rank_related( -- noqa: PRS
  pairs => TABLE weighed PARTITION BY product_id,
  memory => ${co_view_memory},
  on_time => DESCRIPTOR(window_time),
  uid => 'rank_related'
);
