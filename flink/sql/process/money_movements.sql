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
  NULL AS gross,
  NULL AS shipping,
  NULL AS revenue,
  NULL AS profit,
  NULL AS order_id,
  NULL AS quantity,
  amount AS refund
FROM refund_amounts;
