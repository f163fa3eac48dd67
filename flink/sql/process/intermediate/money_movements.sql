-- Grain: one checkout or one refund, with what it moves: a column that it has no part in is null, and adds nothing. Amounts
-- have the decimal places of the totals, since a total has 38 digits and as many decimal places as what is added.
CREATE TEMPORARY VIEW money_movements AS
SELECT
  event_time,
  currency,
  category,
  paid,
  failed,
  CAST(gross AS DECIMAL(27, 6)) AS gross,
  CAST(shipping AS DECIMAL(16, 6)) AS shipping,
  revenue,
  profit,
  order_id,
  quantity,
  CAST(NULL AS DECIMAL(16, 6)) AS refund
FROM payments
UNION ALL
SELECT
  event_time,
  currency,
  category,
  FALSE AS paid,
  FALSE AS failed,
  CAST(NULL AS DECIMAL(27, 6)) AS gross,
  CAST(NULL AS DECIMAL(16, 6)) AS shipping,
  CAST(NULL AS DECIMAL(30, 6)) AS revenue,
  CAST(NULL AS DECIMAL(37, 10)) AS profit,
  CAST(NULL AS STRING) AS order_id,
  CAST(NULL AS INT) AS quantity,
  CAST(amount AS DECIMAL(16, 6)) AS refund
FROM refund_amounts;
