-- Grain: product (upsert), with its 20 most related products. A co-view weighs twice as much for every week since
-- 5 January 2026, which halves it every week compared with newer ones; powers of two add up without rounding, so the
-- result does not depend on the order of events.
CREATE TEMPORARY VIEW related_products AS
WITH totals AS (
  SELECT
    product_id,
    related_id,
    SUM(pair_views) AS support,
    SUM(pair_views * POWER(2, FLOOR(TIMESTAMPDIFF(HOUR, TIMESTAMP '2026-01-05 00:00:00', window_end) / 168.0))) AS score,
    MAX(window_end) AS as_of
  FROM co_views
  GROUP BY product_id, related_id
),

ranked AS (
  SELECT
    product_id,
    related_id,
    support,
    score,
    as_of,
    ROW_NUMBER() OVER (PARTITION BY product_id ORDER BY score DESC, related_id ASC) AS place
  FROM totals
)

SELECT
  product_id,
  MAX(as_of) AS as_of,
  ARRAY_AGG(ROW(related_id, score, support, place)) AS related
FROM ranked
WHERE place <= 20
GROUP BY product_id;
