-- Grain: five seconds, product, related product: how often a user viewed both within 30 minutes. A view is paired with the
-- five views before it by the same user, in both directions.
CREATE TEMPORARY VIEW co_views AS
WITH pairs AS (
  SELECT
    j.rowtime AS event_time,
    p.product_id,
    p.related_id
  FROM shopper_journeys AS j
  CROSS JOIN UNNEST(j.pairs) AS p (product_id, related_id)
  WHERE j.kind = 'co_view'
)

SELECT
  window_end,
  window_time,
  product_id,
  related_id,
  COUNT(*) AS pair_views
FROM TUMBLE(TABLE pairs, DESCRIPTOR (event_time), INTERVAL '5' SECOND)
GROUP BY window_start, window_end, window_time, product_id, related_id;
