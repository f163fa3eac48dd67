-- Grain: product, and those it was viewed together with in one session, once for every time. A view is paired with the five
-- views before it by the same user, if they are no more than 30 minutes older, in both directions.
CREATE TEMPORARY VIEW co_views AS
SELECT
  rowtime AS event_time,
  product_id,
  related,
  bucket_end
FROM user_events
WHERE is_co_view;
