-- Three charts as views, over the tables that the exporter fills: bq query --use_legacy_sql=false < deploy/bigquery/views.sql
-- Another dataset or a table prefix: change the names. Looker Studio, Metabase and the like draw each of them as it is.

-- Area: Hourly Trading Volume. Grain: hour.
CREATE OR REPLACE VIEW `footfall.chart_hourly_trading_volume` AS
SELECT
  window_start AS hour_start,
  purchases
FROM `footfall.trading_volume`;

-- Line: Unique Visitors. Grain: ten minutes of a day, distinct users since midnight.
CREATE OR REPLACE VIEW `footfall.chart_unique_visitors` AS
SELECT
  window_start AS slot_start,
  visitors
FROM `footfall.cumulative_visitors`;

-- Horizontal bars: Top Categories. Grain: category, the ten with the most purchases so far.
CREATE OR REPLACE VIEW `footfall.chart_top_categories` AS
SELECT
  category,
  purchases
FROM `footfall.top_categories`
ORDER BY purchases DESC, category
LIMIT 10;
