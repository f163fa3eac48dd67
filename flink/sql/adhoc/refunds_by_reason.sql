-- Refunds so far by currency and reason, a repeated refund once.
SELECT
  currency,
  COALESCE(reason, 'Unknown') AS reason,
  COUNT(*) AS refunds,
  SUM(amount) AS amount
FROM (
  SELECT
    *,
    ROW_NUMBER() OVER (PARTITION BY user_id, refund_id ORDER BY event_time) AS occurrence
  FROM refunds
)
WHERE occurrence = 1
GROUP BY currency, COALESCE(reason, 'Unknown');
