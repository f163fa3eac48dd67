-- Grain: one visit of one user, written when it can grow no more; a gap of more than 30 minutes ends it.
CREATE TEMPORARY VIEW sessions AS
SELECT
  user_id,
  session_start,
  session_end,
  actions,
  products_viewed,
  products_carted,
  products_bought,
  session_revenue AS revenue,
  abandoned_cart
FROM shopper_journeys
WHERE is_session;
