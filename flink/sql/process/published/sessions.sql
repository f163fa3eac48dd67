-- Grain: one session of one user, written when it can grow no more; a gap of more than 30 minutes ends it. What every
-- session has is never null here, though it is in rows of other kinds.
CREATE TEMPORARY VIEW sessions AS
SELECT
  user_id,
  COALESCE(session_start, CAST(rowtime AS TIMESTAMP(3))) AS session_start,
  COALESCE(session_end, CAST(rowtime AS TIMESTAMP(3))) AS session_end,
  COALESCE(actions, 0) AS actions,
  COALESCE(products_viewed, 0) AS products_viewed,
  COALESCE(products_carted, 0) AS products_carted,
  COALESCE(products_bought, 0) AS products_bought,
  session_revenue AS revenue,
  COALESCE(abandoned_cart, FALSE) AS abandoned_cart
FROM user_events
WHERE is_session;
