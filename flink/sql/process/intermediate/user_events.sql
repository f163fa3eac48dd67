-- Grain: whatever one pass over a shopper's events finds out, told apart by `is_…`: an action, a checkout with the click
-- it is credited to, a duplicate, a session, the co-views of a view, the first sight of a day, the arrival of a checkout.
-- The minute of an action or an arrival lies in five windows of five minutes that slide by one. In the order of their ends,
-- `first_window` to `last_window` (1 to 5, or null) are those without another row of the shopper so far. `rowtime` is event
-- time.
CREATE TEMPORARY VIEW user_events AS
SELECT *
FROM process_user_events( -- noqa: PRS
  events => TABLE on_time_events PARTITION BY user_id,
  click_dedup_window => ${click_dedup_window},
  attribution_window => ${attribution_window},
  checkout_dedup_window => ${checkout_dedup_window},
  time_zone => '${time_zone}',
  with_pairs => ${with_pairs},
  on_time => DESCRIPTOR(event_time),
  uid => 'process_user_events'
);
