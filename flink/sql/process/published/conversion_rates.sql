-- Grain: hour that begins every 5 minutes, scope (`shop`, or `category` for one top-level category), category: distinct
-- users by the steps they took.
CREATE TEMPORARY VIEW conversion_rates AS
SELECT
  window_start,
  window_end,
  `scope`,
  category,
  viewers,
  carters,
  buyers,
  CAST(carters AS DOUBLE) / NULLIF(viewers, 0) AS cart_rate,
  CAST(buyers AS DOUBLE) / NULLIF(viewers, 0) AS purchase_rate
FROM (
  SELECT
    window_start,
    window_end,
    CASE WHEN category IS NULL THEN 'shop' ELSE 'category' END AS `scope`,
    COALESCE(category, '') AS category,
    COUNT(DISTINCT user_id) FILTER (WHERE step = 'product_view') AS viewers,
    COUNT(DISTINCT user_id) FILTER (WHERE step = 'add_to_cart') AS carters,
    COUNT(DISTINCT user_id) FILTER (WHERE step = 'purchase') AS buyers
  FROM HOP(TABLE funnel_steps, DESCRIPTOR (event_time), INTERVAL '5' MINUTE, INTERVAL '1' HOUR)
  GROUP BY window_start, window_end, GROUPING SETS ((category), ()) -- noqa: PRS
);
