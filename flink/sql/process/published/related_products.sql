-- Grain: product (upsert), with its 20 most related products, when it was viewed and at most every five seconds
-- (ANALYTICS_RELATED_INTERVAL). A co-view counts half for every week that it lies before the newest one of the product;
-- powers of two add up without rounding, so the result does not depend on the order of events.
CREATE TEMPORARY VIEW related_products AS
SELECT
  COALESCE(product_id, '') AS product_id,
  as_of,
  related
FROM rank_related( -- noqa: PRS
  pairs => TABLE co_views PARTITION BY product_id,
  memory => ${co_view_memory},
  `interval` => ${related_interval},
  on_time => DESCRIPTOR(event_time),
  uid => 'rank_related'
);
