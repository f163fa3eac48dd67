-- Grain: five seconds, product, related product: how often a user viewed both within 30 minutes. A view is paired with the
-- five views before it by the same user, in both directions.
CREATE TEMPORARY VIEW co_views AS
WITH viewed AS (
  SELECT
    event_time,
    product_id,
    ARRAY_AGG(ROW(product_id, CAST(event_time AS TIMESTAMP(3)))) OVER (
      PARTITION BY user_id ORDER BY event_time ROWS BETWEEN 5 PRECEDING AND CURRENT ROW
    ) AS latest
  FROM clicks
  WHERE `action` = 'product_view' AND product_id IS NOT NULL
),

pairs AS (
  SELECT
    v.event_time,
    p.product_id,
    p.related_id
  FROM viewed AS v
  CROSS JOIN UNNEST(v.latest) AS e (earlier_id, earlier_time)
  CROSS JOIN UNNEST( -- noqa: LT01
    ARRAY[ROW(v.product_id, e.earlier_id), ROW(e.earlier_id, v.product_id)] -- noqa: LT01
  ) AS p (product_id, related_id)
  WHERE v.product_id <> e.earlier_id AND e.earlier_time >= v.event_time - INTERVAL '30' MINUTE
)

SELECT
  window_end,
  product_id,
  related_id,
  COUNT(*) AS pair_views
FROM TUMBLE(TABLE pairs, DESCRIPTOR (event_time), INTERVAL '5' SECOND)
GROUP BY window_start, window_end, product_id, related_id;
