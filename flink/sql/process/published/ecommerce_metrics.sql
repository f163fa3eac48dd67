-- Grain: minute, metric_name, currency (`''` where it is no money). The numbers of a minute in long form.
CREATE TEMPORARY VIEW ecommerce_metrics AS
SELECT
  window_start,
  window_end,
  CONCAT(`action`, '_', source) AS metric_name,
  '' AS currency,
  CAST(events AS DECIMAL(38, 6)) AS metric_value
FROM event_counts
UNION ALL
SELECT
  window_start,
  window_end,
  CONCAT('revenue_', category) AS metric_name,
  currency,
  CAST(revenue AS DECIMAL(38, 6)) AS metric_value
FROM revenue_by_category
UNION ALL
SELECT
  window_start,
  window_end,
  'unique_visitors' AS metric_name,
  '' AS currency,
  CAST(visitors AS DECIMAL(38, 6)) AS metric_value
FROM unique_visitors;
