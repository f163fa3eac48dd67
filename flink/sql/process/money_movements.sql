-- Grain: one checkout or one refund, with what it moves: a column that it has no part in is null, and adds nothing.
CREATE TEMPORARY VIEW money_movements AS
SELECT
  event_time,
  currency,
  category,
  paid,
  failed,
  gross,
  shipping,
  revenue,
  profit,
  order_id,
  quantity,
  CAST(NULL AS DECIMAL(12, 2)) AS refund
FROM payments
UNION ALL
SELECT
  event_time,
  currency,
  category,
  FALSE AS paid,
  FALSE AS failed,
  CAST(NULL AS DECIMAL(12, 2)) AS gross,
  CAST(NULL AS DECIMAL(12, 2)) AS shipping,
  CAST(NULL AS DECIMAL(12, 2)) AS revenue,
  CAST(NULL AS DECIMAL(12, 2)) AS profit,
  CAST(NULL AS STRING) AS order_id,
  CAST(NULL AS INT) AS quantity,
  amount AS refund
FROM refund_amounts;
