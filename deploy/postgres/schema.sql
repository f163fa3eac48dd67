CREATE SCHEMA IF NOT EXISTS commerce;
CREATE TABLE IF NOT EXISTS commerce.abandoned_carts (
  user_id text NOT NULL,
  session_start timestamptz(3) NOT NULL,
  session_end timestamptz(3),
  products_in_cart bigint,
  product_ids jsonb,
  value jsonb,
  PRIMARY KEY (user_id, session_start)
);
ALTER TABLE commerce.abandoned_carts ADD COLUMN IF NOT EXISTS session_end timestamptz(3);
ALTER TABLE commerce.abandoned_carts ADD COLUMN IF NOT EXISTS products_in_cart bigint;
ALTER TABLE commerce.abandoned_carts ADD COLUMN IF NOT EXISTS product_ids jsonb;
ALTER TABLE commerce.abandoned_carts ADD COLUMN IF NOT EXISTS value jsonb;
COMMENT ON TABLE commerce.abandoned_carts IS 'One session that ended with something in the cart and nothing bought.';
COMMENT ON COLUMN commerce.abandoned_carts.user_id IS 'Whose cart.';
COMMENT ON COLUMN commerce.abandoned_carts.session_start IS 'Time of the session''s first action, UTC.';
COMMENT ON COLUMN commerce.abandoned_carts.session_end IS 'Time of the session''s last action, UTC; the row is written half an hour later.';
COMMENT ON COLUMN commerce.abandoned_carts.products_in_cart IS 'Distinct products left in the cart: the last cart action on each is add_to_cart.';
COMMENT ON COLUMN commerce.abandoned_carts.product_ids IS 'Those products, the one put in last first; of more than 20, the first 20.';
COMMENT ON COLUMN commerce.abandoned_carts.value IS 'unit_price × quantity × (1 − discount_rate) of the newest failed payment of each product left in the cart: one amount for each currency, by its code; empty when no payment was tried, since a price without a currency is no amount.';
CREATE TABLE IF NOT EXISTS commerce.active_visitors (
  window_start timestamptz(3) NOT NULL,
  window_end timestamptz(3),
  visitors bigint,
  PRIMARY KEY (window_start)
);
ALTER TABLE commerce.active_visitors ADD COLUMN IF NOT EXISTS window_end timestamptz(3);
ALTER TABLE commerce.active_visitors ADD COLUMN IF NOT EXISTS visitors bigint;
COMMENT ON TABLE commerce.active_visitors IS 'Distinct users of five minutes, in clickstream or checkouts; the windows slide by one minute.';
COMMENT ON COLUMN commerce.active_visitors.window_start IS 'First millisecond of the window, UTC.';
COMMENT ON COLUMN commerce.active_visitors.window_end IS 'First millisecond after the window, UTC.';
COMMENT ON COLUMN commerce.active_visitors.visitors IS 'Distinct users; a window without any has no row.';
CREATE TABLE IF NOT EXISTS commerce.attributed_checkouts (
  checkout_id text NOT NULL,
  order_id text,
  checkout_time timestamptz(3),
  user_id text,
  user_name text,
  product_id text,
  payment_status text,
  quantity integer,
  currency text,
  revenue numeric(38, 6),
  profit numeric(38, 10),
  click_id text,
  click_time timestamptz(3),
  channel text,
  PRIMARY KEY (checkout_id)
);
ALTER TABLE commerce.attributed_checkouts ADD COLUMN IF NOT EXISTS order_id text;
ALTER TABLE commerce.attributed_checkouts ADD COLUMN IF NOT EXISTS checkout_time timestamptz(3);
ALTER TABLE commerce.attributed_checkouts ADD COLUMN IF NOT EXISTS user_id text;
ALTER TABLE commerce.attributed_checkouts ADD COLUMN IF NOT EXISTS user_name text;
ALTER TABLE commerce.attributed_checkouts ADD COLUMN IF NOT EXISTS product_id text;
ALTER TABLE commerce.attributed_checkouts ADD COLUMN IF NOT EXISTS payment_status text;
ALTER TABLE commerce.attributed_checkouts ADD COLUMN IF NOT EXISTS quantity integer;
ALTER TABLE commerce.attributed_checkouts ADD COLUMN IF NOT EXISTS currency text;
ALTER TABLE commerce.attributed_checkouts ADD COLUMN IF NOT EXISTS revenue numeric(38, 6);
ALTER TABLE commerce.attributed_checkouts ADD COLUMN IF NOT EXISTS profit numeric(38, 10);
ALTER TABLE commerce.attributed_checkouts ADD COLUMN IF NOT EXISTS click_id text;
ALTER TABLE commerce.attributed_checkouts ADD COLUMN IF NOT EXISTS click_time timestamptz(3);
ALTER TABLE commerce.attributed_checkouts ADD COLUMN IF NOT EXISTS channel text;
COMMENT ON TABLE commerce.attributed_checkouts IS 'One checkout, paid or failed, and the click it is credited to: exactly one final row each.';
COMMENT ON COLUMN commerce.attributed_checkouts.checkout_id IS 'The product line of a payment attempt.';
COMMENT ON COLUMN commerce.attributed_checkouts.order_id IS 'The order; its lines share it.';
COMMENT ON COLUMN commerce.attributed_checkouts.checkout_time IS 'When the payment was tried, UTC.';
COMMENT ON COLUMN commerce.attributed_checkouts.user_id IS 'Who paid.';
COMMENT ON COLUMN commerce.attributed_checkouts.user_name IS 'The user''s name at that time, or `Unknown`.';
COMMENT ON COLUMN commerce.attributed_checkouts.product_id IS 'What was paid for.';
COMMENT ON COLUMN commerce.attributed_checkouts.payment_status IS 'succeeded, failed or unknown.';
COMMENT ON COLUMN commerce.attributed_checkouts.quantity IS 'Units.';
COMMENT ON COLUMN commerce.attributed_checkouts.currency IS 'ISO 4217 code of every amount in the row.';
COMMENT ON COLUMN commerce.attributed_checkouts.revenue IS 'unit_price × quantity × (1 − discount_rate), before refunds; 0 unless the payment succeeded.';
COMMENT ON COLUMN commerce.attributed_checkouts.profit IS 'revenue × commission_rate − shipping_cost, before refunds; 0 unless the payment succeeded.';
COMMENT ON COLUMN commerce.attributed_checkouts.click_id IS 'event_id of the user''s earliest product_view or product_click on the product in the hour up to the checkout (both ends included); absent if there is none. Of clicks at the same millisecond the smallest id counts.';
COMMENT ON COLUMN commerce.attributed_checkouts.click_time IS 'When that click happened, UTC.';
COMMENT ON COLUMN commerce.attributed_checkouts.channel IS 'Channel of the user''s earliest product_view or product_click on anything in that hour; absent if there is none or it names none.';
CREATE TABLE IF NOT EXISTS commerce.buyers_by_gender (
  window_start timestamptz(3) NOT NULL,
  window_end timestamptz(3),
  currency text NOT NULL,
  gender text NOT NULL,
  buyers bigint,
  revenue numeric(38, 6),
  PRIMARY KEY (window_start, currency, gender)
);
ALTER TABLE commerce.buyers_by_gender ADD COLUMN IF NOT EXISTS window_end timestamptz(3);
ALTER TABLE commerce.buyers_by_gender ADD COLUMN IF NOT EXISTS buyers bigint;
ALTER TABLE commerce.buyers_by_gender ADD COLUMN IF NOT EXISTS revenue numeric(38, 6);
COMMENT ON TABLE commerce.buyers_by_gender IS 'Buyers of one minute by currency and gender, before refunds.';
COMMENT ON COLUMN commerce.buyers_by_gender.window_start IS 'First millisecond of the window, UTC.';
COMMENT ON COLUMN commerce.buyers_by_gender.window_end IS 'First millisecond after the window, UTC.';
COMMENT ON COLUMN commerce.buyers_by_gender.currency IS 'ISO 4217 code of every amount in the row.';
COMMENT ON COLUMN commerce.buyers_by_gender.gender IS 'Gender of the user at that time, or `Unknown`.';
COMMENT ON COLUMN commerce.buyers_by_gender.buyers IS 'Distinct users with a succeeded payment in this currency; one who pays in two counts in both.';
COMMENT ON COLUMN commerce.buyers_by_gender.revenue IS 'unit_price × quantity × (1 − discount_rate) of succeeded payments, before refunds.';
CREATE TABLE IF NOT EXISTS commerce.channel_revenue (
  window_start timestamptz(3) NOT NULL,
  window_end timestamptz(3),
  currency text NOT NULL,
  channel text NOT NULL,
  checkouts bigint,
  purchases bigint,
  revenue numeric(38, 6),
  profit numeric(38, 10),
  PRIMARY KEY (window_start, currency, channel)
);
ALTER TABLE commerce.channel_revenue ADD COLUMN IF NOT EXISTS window_end timestamptz(3);
ALTER TABLE commerce.channel_revenue ADD COLUMN IF NOT EXISTS checkouts bigint;
ALTER TABLE commerce.channel_revenue ADD COLUMN IF NOT EXISTS purchases bigint;
ALTER TABLE commerce.channel_revenue ADD COLUMN IF NOT EXISTS revenue numeric(38, 6);
ALTER TABLE commerce.channel_revenue ADD COLUMN IF NOT EXISTS profit numeric(38, 10);
COMMENT ON TABLE commerce.channel_revenue IS 'Checkouts and money of one minute by currency and the channel they are credited to, before refunds.';
COMMENT ON COLUMN commerce.channel_revenue.window_start IS 'First millisecond of the window, UTC.';
COMMENT ON COLUMN commerce.channel_revenue.window_end IS 'First millisecond after the window, UTC.';
COMMENT ON COLUMN commerce.channel_revenue.currency IS 'ISO 4217 code of every amount in the row.';
COMMENT ON COLUMN commerce.channel_revenue.channel IS 'Channel of attributed_checkouts, or `Unknown`.';
COMMENT ON COLUMN commerce.channel_revenue.checkouts IS 'Checkouts, paid or failed.';
COMMENT ON COLUMN commerce.channel_revenue.purchases IS 'Checkouts whose payment succeeded.';
COMMENT ON COLUMN commerce.channel_revenue.revenue IS 'unit_price × quantity × (1 − discount_rate) of succeeded payments, before refunds.';
COMMENT ON COLUMN commerce.channel_revenue.profit IS 'revenue × commission_rate − shipping_cost of succeeded payments, before refunds; an unknown product earns no commission.';
CREATE TABLE IF NOT EXISTS commerce.conversion_rates (
  window_start timestamptz(3) NOT NULL,
  window_end timestamptz(3),
  scope text NOT NULL,
  category text NOT NULL,
  viewers bigint,
  carters bigint,
  buyers bigint,
  cart_rate double precision,
  purchase_rate double precision,
  PRIMARY KEY (window_start, scope, category)
);
ALTER TABLE commerce.conversion_rates ADD COLUMN IF NOT EXISTS window_end timestamptz(3);
ALTER TABLE commerce.conversion_rates ADD COLUMN IF NOT EXISTS viewers bigint;
ALTER TABLE commerce.conversion_rates ADD COLUMN IF NOT EXISTS carters bigint;
ALTER TABLE commerce.conversion_rates ADD COLUMN IF NOT EXISTS buyers bigint;
ALTER TABLE commerce.conversion_rates ADD COLUMN IF NOT EXISTS cart_rate double precision;
ALTER TABLE commerce.conversion_rates ADD COLUMN IF NOT EXISTS purchase_rate double precision;
COMMENT ON TABLE commerce.conversion_rates IS 'How many viewers became carters and buyers in one hour: in the whole shop, and by top-level category.';
COMMENT ON COLUMN commerce.conversion_rates.window_start IS 'First millisecond of the hour that the window covers, UTC; windows begin every 5 minutes.';
COMMENT ON COLUMN commerce.conversion_rates.window_end IS 'First millisecond after the window, UTC.';
COMMENT ON COLUMN commerce.conversion_rates.scope IS '`shop`: every product event; `category`: those of one category.';
COMMENT ON COLUMN commerce.conversion_rates.category IS 'Top-level category at the time of the event, or `Unknown`; empty in scope `shop`.';
COMMENT ON COLUMN commerce.conversion_rates.viewers IS 'Distinct users with a product_view.';
COMMENT ON COLUMN commerce.conversion_rates.carters IS 'Distinct users with an add_to_cart.';
COMMENT ON COLUMN commerce.conversion_rates.buyers IS 'Distinct users with a succeeded payment.';
COMMENT ON COLUMN commerce.conversion_rates.cart_rate IS 'carters / viewers; absent when there are no viewers.';
COMMENT ON COLUMN commerce.conversion_rates.purchase_rate IS 'buyers / viewers; absent when there are no viewers.';
CREATE TABLE IF NOT EXISTS commerce.cumulative_visitors (
  window_start timestamptz(3) NOT NULL,
  window_end timestamptz(3),
  date date NOT NULL,
  visitors bigint,
  PRIMARY KEY (date, window_start)
);
ALTER TABLE commerce.cumulative_visitors ADD COLUMN IF NOT EXISTS window_end timestamptz(3);
ALTER TABLE commerce.cumulative_visitors ADD COLUMN IF NOT EXISTS visitors bigint;
COMMENT ON TABLE commerce.cumulative_visitors IS 'Distinct users of one day of the shop so far, by ten-minute slot; slots in which nothing happened have no row.';
COMMENT ON COLUMN commerce.cumulative_visitors.window_start IS 'First millisecond of the slot, UTC.';
COMMENT ON COLUMN commerce.cumulative_visitors.window_end IS 'First millisecond after the slot, UTC.';
COMMENT ON COLUMN commerce.cumulative_visitors.date IS 'Day in the configured time zone.';
COMMENT ON COLUMN commerce.cumulative_visitors.visitors IS 'Distinct users from midnight to the end of the slot; an event counts in the slot of its own time.';
CREATE TABLE IF NOT EXISTS commerce.ecommerce_metrics (
  window_start timestamptz(3) NOT NULL,
  window_end timestamptz(3),
  metric_name text NOT NULL,
  currency text NOT NULL,
  metric_value numeric(38, 6),
  PRIMARY KEY (window_start, metric_name, currency)
);
ALTER TABLE commerce.ecommerce_metrics ADD COLUMN IF NOT EXISTS window_end timestamptz(3);
ALTER TABLE commerce.ecommerce_metrics ADD COLUMN IF NOT EXISTS metric_value numeric(38, 6);
COMMENT ON TABLE commerce.ecommerce_metrics IS 'The numbers of one minute in long form, one row per metric, and for money per currency.';
COMMENT ON COLUMN commerce.ecommerce_metrics.window_start IS 'First millisecond of the window, UTC.';
COMMENT ON COLUMN commerce.ecommerce_metrics.window_end IS 'First millisecond after the window, UTC.';
COMMENT ON COLUMN commerce.ecommerce_metrics.metric_name IS '`<action>_<source>` counts events, `revenue_<category>` is money, `unique_visitors` counts users.';
COMMENT ON COLUMN commerce.ecommerce_metrics.currency IS 'ISO 4217 code of an amount; empty for what is no money.';
COMMENT ON COLUMN commerce.ecommerce_metrics.metric_value IS 'The number; of `revenue_<category>`, the revenue of revenue_by_category.';
CREATE TABLE IF NOT EXISTS commerce.event_counts (
  window_start timestamptz(3) NOT NULL,
  window_end timestamptz(3),
  action text NOT NULL,
  source text NOT NULL,
  events bigint,
  PRIMARY KEY (window_start, action, source)
);
ALTER TABLE commerce.event_counts ADD COLUMN IF NOT EXISTS window_end timestamptz(3);
ALTER TABLE commerce.event_counts ADD COLUMN IF NOT EXISTS events bigint;
COMMENT ON TABLE commerce.event_counts IS 'Events of one minute by action and source.';
COMMENT ON COLUMN commerce.event_counts.window_start IS 'First millisecond of the window, UTC.';
COMMENT ON COLUMN commerce.event_counts.window_end IS 'First millisecond after the window, UTC.';
COMMENT ON COLUMN commerce.event_counts.action IS 'A clickstream action, `purchase`, `payment_failed` or `refund`.';
COMMENT ON COLUMN commerce.event_counts.source IS 'website, mobile_app or unknown.';
COMMENT ON COLUMN commerce.event_counts.events IS 'How many.';
CREATE TABLE IF NOT EXISTS commerce.most_viewed_products (
  window_start timestamptz(3) NOT NULL,
  window_end timestamptz(3),
  rank bigint NOT NULL,
  product_id text,
  views bigint,
  PRIMARY KEY (window_start, rank)
);
ALTER TABLE commerce.most_viewed_products ADD COLUMN IF NOT EXISTS window_end timestamptz(3);
ALTER TABLE commerce.most_viewed_products ADD COLUMN IF NOT EXISTS product_id text;
ALTER TABLE commerce.most_viewed_products ADD COLUMN IF NOT EXISTS views bigint;
COMMENT ON TABLE commerce.most_viewed_products IS 'The ten most viewed products of one hour.';
COMMENT ON COLUMN commerce.most_viewed_products.window_start IS 'First millisecond of the hour that the window covers, UTC; windows begin every 5 minutes.';
COMMENT ON COLUMN commerce.most_viewed_products.window_end IS 'First millisecond after the window, UTC.';
COMMENT ON COLUMN commerce.most_viewed_products.rank IS '1 is the most; ties are broken by product_id.';
COMMENT ON COLUMN commerce.most_viewed_products.product_id IS 'The product.';
COMMENT ON COLUMN commerce.most_viewed_products.views IS 'product_view events.';
CREATE TABLE IF NOT EXISTS commerce.payment_failures (
  window_start timestamptz(3) NOT NULL,
  window_end timestamptz(3),
  reason text NOT NULL,
  failures bigint,
  PRIMARY KEY (window_start, reason)
);
ALTER TABLE commerce.payment_failures ADD COLUMN IF NOT EXISTS window_end timestamptz(3);
ALTER TABLE commerce.payment_failures ADD COLUMN IF NOT EXISTS failures bigint;
COMMENT ON TABLE commerce.payment_failures IS 'Failed payments of one minute by reason.';
COMMENT ON COLUMN commerce.payment_failures.window_start IS 'First millisecond of the window, UTC.';
COMMENT ON COLUMN commerce.payment_failures.window_end IS 'First millisecond after the window, UTC.';
COMMENT ON COLUMN commerce.payment_failures.reason IS 'Why, as the shop says, or `Unknown`.';
COMMENT ON COLUMN commerce.payment_failures.failures IS 'Checkouts whose payment failed.';
CREATE TABLE IF NOT EXISTS commerce.related_products (
  product_id text NOT NULL,
  as_of timestamptz(3),
  related jsonb,
  PRIMARY KEY (product_id)
);
ALTER TABLE commerce.related_products ADD COLUMN IF NOT EXISTS as_of timestamptz(3);
ALTER TABLE commerce.related_products ADD COLUMN IF NOT EXISTS related jsonb;
COMMENT ON TABLE commerce.related_products IS 'The products most often viewed in the same session as one product, recent views weighing more.';
COMMENT ON COLUMN commerce.related_products.product_id IS 'The product asked about.';
COMMENT ON COLUMN commerce.related_products.as_of IS 'End of the five seconds with the newest co-view of the product, UTC.';
COMMENT ON COLUMN commerce.related_products.related IS 'At most 20, in no particular order.';
CREATE TABLE IF NOT EXISTS commerce.revenue_by_category (
  window_start timestamptz(3) NOT NULL,
  window_end timestamptz(3),
  currency text NOT NULL,
  category text NOT NULL,
  gross numeric(38, 6),
  discount numeric(38, 6),
  shipping numeric(38, 6),
  revenue numeric(38, 6),
  refunds numeric(38, 6),
  net_revenue numeric(38, 6),
  profit numeric(38, 10),
  orders bigint,
  units bigint,
  failed_payments bigint,
  PRIMARY KEY (window_start, currency, category)
);
ALTER TABLE commerce.revenue_by_category ADD COLUMN IF NOT EXISTS window_end timestamptz(3);
ALTER TABLE commerce.revenue_by_category ADD COLUMN IF NOT EXISTS gross numeric(38, 6);
ALTER TABLE commerce.revenue_by_category ADD COLUMN IF NOT EXISTS discount numeric(38, 6);
ALTER TABLE commerce.revenue_by_category ADD COLUMN IF NOT EXISTS shipping numeric(38, 6);
ALTER TABLE commerce.revenue_by_category ADD COLUMN IF NOT EXISTS revenue numeric(38, 6);
ALTER TABLE commerce.revenue_by_category ADD COLUMN IF NOT EXISTS refunds numeric(38, 6);
ALTER TABLE commerce.revenue_by_category ADD COLUMN IF NOT EXISTS net_revenue numeric(38, 6);
ALTER TABLE commerce.revenue_by_category ADD COLUMN IF NOT EXISTS profit numeric(38, 10);
ALTER TABLE commerce.revenue_by_category ADD COLUMN IF NOT EXISTS orders bigint;
ALTER TABLE commerce.revenue_by_category ADD COLUMN IF NOT EXISTS units bigint;
ALTER TABLE commerce.revenue_by_category ADD COLUMN IF NOT EXISTS failed_payments bigint;
COMMENT ON TABLE commerce.revenue_by_category IS 'Money and orders of one minute, currency and top-level category. A minute with refunds only has a row, too.';
COMMENT ON COLUMN commerce.revenue_by_category.window_start IS 'First millisecond of the window, UTC.';
COMMENT ON COLUMN commerce.revenue_by_category.window_end IS 'First millisecond after the window, UTC.';
COMMENT ON COLUMN commerce.revenue_by_category.currency IS 'ISO 4217 code of every amount in the row.';
COMMENT ON COLUMN commerce.revenue_by_category.category IS 'Top-level category at the time of the event, or `Unknown`.';
COMMENT ON COLUMN commerce.revenue_by_category.gross IS 'unit_price × quantity of succeeded payments; an unknown price adds nothing.';
COMMENT ON COLUMN commerce.revenue_by_category.discount IS 'What discounts took off: gross − revenue.';
COMMENT ON COLUMN commerce.revenue_by_category.shipping IS 'Shipping cost of succeeded payments.';
COMMENT ON COLUMN commerce.revenue_by_category.revenue IS 'unit_price × quantity × (1 − discount_rate) of succeeded payments, before refunds.';
COMMENT ON COLUMN commerce.revenue_by_category.refunds IS 'Amounts refunded in this minute, whenever they were paid.';
COMMENT ON COLUMN commerce.revenue_by_category.net_revenue IS 'revenue − refunds; below 0 when more went back than came in.';
COMMENT ON COLUMN commerce.revenue_by_category.profit IS 'revenue × commission_rate − shipping_cost of succeeded payments, before refunds; an unknown product earns no commission.';
COMMENT ON COLUMN commerce.revenue_by_category.orders IS 'Distinct orders with a succeeded payment.';
COMMENT ON COLUMN commerce.revenue_by_category.units IS 'Units in succeeded payments.';
COMMENT ON COLUMN commerce.revenue_by_category.failed_payments IS 'Checkouts whose payment failed.';
CREATE TABLE IF NOT EXISTS commerce.revenue_per_minute (
  window_start timestamptz(3) NOT NULL,
  window_end timestamptz(3),
  currency text NOT NULL,
  gross numeric(38, 6),
  discount numeric(38, 6),
  shipping numeric(38, 6),
  revenue numeric(38, 6),
  refunds numeric(38, 6),
  net_revenue numeric(38, 6),
  profit numeric(38, 10),
  orders bigint,
  units bigint,
  failed_payments bigint,
  PRIMARY KEY (window_start, currency)
);
ALTER TABLE commerce.revenue_per_minute ADD COLUMN IF NOT EXISTS window_end timestamptz(3);
ALTER TABLE commerce.revenue_per_minute ADD COLUMN IF NOT EXISTS gross numeric(38, 6);
ALTER TABLE commerce.revenue_per_minute ADD COLUMN IF NOT EXISTS discount numeric(38, 6);
ALTER TABLE commerce.revenue_per_minute ADD COLUMN IF NOT EXISTS shipping numeric(38, 6);
ALTER TABLE commerce.revenue_per_minute ADD COLUMN IF NOT EXISTS revenue numeric(38, 6);
ALTER TABLE commerce.revenue_per_minute ADD COLUMN IF NOT EXISTS refunds numeric(38, 6);
ALTER TABLE commerce.revenue_per_minute ADD COLUMN IF NOT EXISTS net_revenue numeric(38, 6);
ALTER TABLE commerce.revenue_per_minute ADD COLUMN IF NOT EXISTS profit numeric(38, 10);
ALTER TABLE commerce.revenue_per_minute ADD COLUMN IF NOT EXISTS orders bigint;
ALTER TABLE commerce.revenue_per_minute ADD COLUMN IF NOT EXISTS units bigint;
ALTER TABLE commerce.revenue_per_minute ADD COLUMN IF NOT EXISTS failed_payments bigint;
COMMENT ON TABLE commerce.revenue_per_minute IS 'Money and orders of one minute and currency. A minute with refunds only has a row, too.';
COMMENT ON COLUMN commerce.revenue_per_minute.window_start IS 'First millisecond of the window, UTC.';
COMMENT ON COLUMN commerce.revenue_per_minute.window_end IS 'First millisecond after the window, UTC.';
COMMENT ON COLUMN commerce.revenue_per_minute.currency IS 'ISO 4217 code of every amount in the row.';
COMMENT ON COLUMN commerce.revenue_per_minute.gross IS 'unit_price × quantity of succeeded payments; an unknown price adds nothing.';
COMMENT ON COLUMN commerce.revenue_per_minute.discount IS 'What discounts took off: gross − revenue.';
COMMENT ON COLUMN commerce.revenue_per_minute.shipping IS 'Shipping cost of succeeded payments.';
COMMENT ON COLUMN commerce.revenue_per_minute.revenue IS 'unit_price × quantity × (1 − discount_rate) of succeeded payments, before refunds.';
COMMENT ON COLUMN commerce.revenue_per_minute.refunds IS 'Amounts refunded in this minute, whenever they were paid.';
COMMENT ON COLUMN commerce.revenue_per_minute.net_revenue IS 'revenue − refunds; below 0 when more went back than came in.';
COMMENT ON COLUMN commerce.revenue_per_minute.profit IS 'revenue × commission_rate − shipping_cost of succeeded payments, before refunds; an unknown product earns no commission.';
COMMENT ON COLUMN commerce.revenue_per_minute.orders IS 'Distinct orders with a succeeded payment.';
COMMENT ON COLUMN commerce.revenue_per_minute.units IS 'Units in succeeded payments.';
COMMENT ON COLUMN commerce.revenue_per_minute.failed_payments IS 'Checkouts whose payment failed.';
CREATE TABLE IF NOT EXISTS commerce.sessions (
  user_id text NOT NULL,
  session_start timestamptz(3) NOT NULL,
  session_end timestamptz(3),
  actions bigint,
  products_viewed bigint,
  products_carted bigint,
  products_bought bigint,
  revenue jsonb,
  abandoned_cart boolean,
  PRIMARY KEY (user_id, session_start)
);
ALTER TABLE commerce.sessions ADD COLUMN IF NOT EXISTS session_end timestamptz(3);
ALTER TABLE commerce.sessions ADD COLUMN IF NOT EXISTS actions bigint;
ALTER TABLE commerce.sessions ADD COLUMN IF NOT EXISTS products_viewed bigint;
ALTER TABLE commerce.sessions ADD COLUMN IF NOT EXISTS products_carted bigint;
ALTER TABLE commerce.sessions ADD COLUMN IF NOT EXISTS products_bought bigint;
ALTER TABLE commerce.sessions ADD COLUMN IF NOT EXISTS revenue jsonb;
ALTER TABLE commerce.sessions ADD COLUMN IF NOT EXISTS abandoned_cart boolean;
COMMENT ON TABLE commerce.sessions IS 'One session of one user: actions and payments no more than 30 minutes apart. A refund is no part of one.';
COMMENT ON COLUMN commerce.sessions.user_id IS 'Whose session.';
COMMENT ON COLUMN commerce.sessions.session_start IS 'Time of its first action, UTC.';
COMMENT ON COLUMN commerce.sessions.session_end IS 'Time of its last action, UTC.';
COMMENT ON COLUMN commerce.sessions.actions IS 'Rows of clickstream and checkouts.';
COMMENT ON COLUMN commerce.sessions.products_viewed IS 'Distinct products of product_view.';
COMMENT ON COLUMN commerce.sessions.products_carted IS 'Distinct products of add_to_cart.';
COMMENT ON COLUMN commerce.sessions.products_bought IS 'Distinct products of succeeded payments.';
COMMENT ON COLUMN commerce.sessions.revenue IS 'Revenue of its succeeded payments, before refunds: one amount for each currency, by its code; empty when nothing was bought.';
COMMENT ON COLUMN commerce.sessions.abandoned_cart IS 'Something was left in the cart (the last cart action on a product is add_to_cart) and nothing was bought.';
CREATE TABLE IF NOT EXISTS commerce.stock_forecasts (
  product_id text NOT NULL,
  warehouse_id text NOT NULL,
  window_start timestamptz(3),
  window_end timestamptz(3),
  event_time timestamptz(3),
  product_name text,
  category_id text,
  quantity integer,
  sales_per_hour double precision,
  stockout_at timestamptz(3),
  stockout_earliest timestamptz(3),
  stockout_latest timestamptz(3),
  PRIMARY KEY (product_id, warehouse_id)
);
ALTER TABLE commerce.stock_forecasts ADD COLUMN IF NOT EXISTS window_start timestamptz(3);
ALTER TABLE commerce.stock_forecasts ADD COLUMN IF NOT EXISTS window_end timestamptz(3);
ALTER TABLE commerce.stock_forecasts ADD COLUMN IF NOT EXISTS event_time timestamptz(3);
ALTER TABLE commerce.stock_forecasts ADD COLUMN IF NOT EXISTS product_name text;
ALTER TABLE commerce.stock_forecasts ADD COLUMN IF NOT EXISTS category_id text;
ALTER TABLE commerce.stock_forecasts ADD COLUMN IF NOT EXISTS quantity integer;
ALTER TABLE commerce.stock_forecasts ADD COLUMN IF NOT EXISTS sales_per_hour double precision;
ALTER TABLE commerce.stock_forecasts ADD COLUMN IF NOT EXISTS stockout_at timestamptz(3);
ALTER TABLE commerce.stock_forecasts ADD COLUMN IF NOT EXISTS stockout_earliest timestamptz(3);
ALTER TABLE commerce.stock_forecasts ADD COLUMN IF NOT EXISTS stockout_latest timestamptz(3);
COMMENT ON TABLE commerce.stock_forecasts IS 'When the stock of one product in one warehouse will be out, as of its newest movement.';
COMMENT ON COLUMN commerce.stock_forecasts.product_id IS 'The product.';
COMMENT ON COLUMN commerce.stock_forecasts.warehouse_id IS 'The warehouse.';
COMMENT ON COLUMN commerce.stock_forecasts.window_start IS 'First millisecond of the minute of its newest movement, UTC.';
COMMENT ON COLUMN commerce.stock_forecasts.window_end IS 'First millisecond after that minute, UTC.';
COMMENT ON COLUMN commerce.stock_forecasts.event_time IS 'The last movement of that minute, UTC: the forecast is as of then.';
COMMENT ON COLUMN commerce.stock_forecasts.product_name IS 'The product''s name at that time, or `Unknown`.';
COMMENT ON COLUMN commerce.stock_forecasts.category_id IS 'Its category at that time, or `Unknown`.';
COMMENT ON COLUMN commerce.stock_forecasts.quantity IS 'Units on hand after the movement.';
COMMENT ON COLUMN commerce.stock_forecasts.sales_per_hour IS 'Units sold in an average hour of the shop''s day, by what was sold lately; null when there were fewer than five sales, or only of the last minutes.';
COMMENT ON COLUMN commerce.stock_forecasts.stockout_at IS 'When the stock will be out, as likely earlier as later; a whole minute, UTC. Null without sales_per_hour, without stock, or more than 14 days ahead.';
COMMENT ON COLUMN commerce.stock_forecasts.stockout_earliest IS 'It will be out before this in one case out of ten, UTC; null as stockout_at is.';
COMMENT ON COLUMN commerce.stock_forecasts.stockout_latest IS 'It will be out after this in one case out of ten, UTC; null as stockout_at is, so that more than 14 days is null here first.';
CREATE TABLE IF NOT EXISTS commerce.stock_levels (
  product_id text NOT NULL,
  warehouse_id text NOT NULL,
  product_name text,
  category_id text,
  quantity integer,
  threshold integer,
  level text,
  event_time timestamptz(3),
  PRIMARY KEY (product_id, warehouse_id)
);
ALTER TABLE commerce.stock_levels ADD COLUMN IF NOT EXISTS product_name text;
ALTER TABLE commerce.stock_levels ADD COLUMN IF NOT EXISTS category_id text;
ALTER TABLE commerce.stock_levels ADD COLUMN IF NOT EXISTS quantity integer;
ALTER TABLE commerce.stock_levels ADD COLUMN IF NOT EXISTS threshold integer;
ALTER TABLE commerce.stock_levels ADD COLUMN IF NOT EXISTS level text;
ALTER TABLE commerce.stock_levels ADD COLUMN IF NOT EXISTS event_time timestamptz(3);
COMMENT ON TABLE commerce.stock_levels IS 'What is left of one product in one warehouse, by the newest inventory update that changed it.';
COMMENT ON COLUMN commerce.stock_levels.product_id IS 'The product.';
COMMENT ON COLUMN commerce.stock_levels.warehouse_id IS 'The warehouse.';
COMMENT ON COLUMN commerce.stock_levels.product_name IS 'Its name at the time of the update, or `Unknown`.';
COMMENT ON COLUMN commerce.stock_levels.category_id IS 'Its category at the time of the update, or `Unknown`.';
COMMENT ON COLUMN commerce.stock_levels.quantity IS 'Units on hand after the update.';
COMMENT ON COLUMN commerce.stock_levels.threshold IS 'Stock below this is low, as of the time of the update; 0 for an unknown product.';
COMMENT ON COLUMN commerce.stock_levels.level IS 'enough, low (below the threshold) or out (zero or less).';
COMMENT ON COLUMN commerce.stock_levels.event_time IS 'When the stock moved in the shop, UTC.';
CREATE TABLE IF NOT EXISTS commerce.top_categories (
  category text NOT NULL,
  purchases bigint,
  PRIMARY KEY (category)
);
ALTER TABLE commerce.top_categories ADD COLUMN IF NOT EXISTS purchases bigint;
COMMENT ON TABLE commerce.top_categories IS 'Purchases of one top-level category so far.';
COMMENT ON COLUMN commerce.top_categories.category IS 'Top-level category at the time of the purchase, or `Unknown`.';
COMMENT ON COLUMN commerce.top_categories.purchases IS 'Checkouts whose payment succeeded.';
CREATE TABLE IF NOT EXISTS commerce.top_products (
  window_start timestamptz(3) NOT NULL,
  window_end timestamptz(3),
  rank bigint NOT NULL,
  product_id text,
  units bigint,
  PRIMARY KEY (window_start, rank)
);
ALTER TABLE commerce.top_products ADD COLUMN IF NOT EXISTS window_end timestamptz(3);
ALTER TABLE commerce.top_products ADD COLUMN IF NOT EXISTS product_id text;
ALTER TABLE commerce.top_products ADD COLUMN IF NOT EXISTS units bigint;
COMMENT ON TABLE commerce.top_products IS 'The ten best-selling products of one hour.';
COMMENT ON COLUMN commerce.top_products.window_start IS 'First millisecond of the hour that the window covers, UTC; windows begin every 5 minutes.';
COMMENT ON COLUMN commerce.top_products.window_end IS 'First millisecond after the window, UTC.';
COMMENT ON COLUMN commerce.top_products.rank IS '1 is the most; ties are broken by product_id.';
COMMENT ON COLUMN commerce.top_products.product_id IS 'The product.';
COMMENT ON COLUMN commerce.top_products.units IS 'Units in succeeded payments.';
CREATE TABLE IF NOT EXISTS commerce.trading_volume (
  window_start timestamptz(3) NOT NULL,
  window_end timestamptz(3),
  date date NOT NULL,
  hour integer NOT NULL,
  purchases bigint,
  PRIMARY KEY (date, hour, window_start)
);
ALTER TABLE commerce.trading_volume ADD COLUMN IF NOT EXISTS window_end timestamptz(3);
ALTER TABLE commerce.trading_volume ADD COLUMN IF NOT EXISTS purchases bigint;
COMMENT ON TABLE commerce.trading_volume IS 'Purchases of one hour of the shop''s own day.';
COMMENT ON COLUMN commerce.trading_volume.window_start IS 'First millisecond of the window, UTC.';
COMMENT ON COLUMN commerce.trading_volume.window_end IS 'First millisecond after the window, UTC.';
COMMENT ON COLUMN commerce.trading_volume.date IS 'Day in the configured time zone.';
COMMENT ON COLUMN commerce.trading_volume.hour IS 'Hour of that day, 0 to 23, in the configured time zone.';
COMMENT ON COLUMN commerce.trading_volume.purchases IS 'Checkouts whose payment succeeded.';
CREATE TABLE IF NOT EXISTS commerce.unique_visitors (
  window_start timestamptz(3) NOT NULL,
  window_end timestamptz(3),
  visitors bigint,
  PRIMARY KEY (window_start)
);
ALTER TABLE commerce.unique_visitors ADD COLUMN IF NOT EXISTS window_end timestamptz(3);
ALTER TABLE commerce.unique_visitors ADD COLUMN IF NOT EXISTS visitors bigint;
COMMENT ON TABLE commerce.unique_visitors IS 'Distinct users of one minute, in clickstream or checkouts.';
COMMENT ON COLUMN commerce.unique_visitors.window_start IS 'First millisecond of the window, UTC.';
COMMENT ON COLUMN commerce.unique_visitors.window_end IS 'First millisecond after the window, UTC.';
COMMENT ON COLUMN commerce.unique_visitors.visitors IS 'Distinct users.';
CREATE TABLE IF NOT EXISTS commerce.inventory_alerts (
  alert_id text NOT NULL,
  alert_type text,
  event_time timestamptz(3),
  product_id text,
  product_name text,
  category_id text,
  warehouse_id text,
  quantity integer,
  previous_quantity integer,
  threshold integer,
  update_id text,
  sequence bigint,
  sales_per_hour double precision,
  stockout_at timestamptz(3),
  stockout_earliest timestamptz(3),
  stockout_latest timestamptz(3),
  traceparent text,
  PRIMARY KEY (alert_id)
);
ALTER TABLE commerce.inventory_alerts ADD COLUMN IF NOT EXISTS alert_type text;
ALTER TABLE commerce.inventory_alerts ADD COLUMN IF NOT EXISTS event_time timestamptz(3);
ALTER TABLE commerce.inventory_alerts ADD COLUMN IF NOT EXISTS product_id text;
ALTER TABLE commerce.inventory_alerts ADD COLUMN IF NOT EXISTS product_name text;
ALTER TABLE commerce.inventory_alerts ADD COLUMN IF NOT EXISTS category_id text;
ALTER TABLE commerce.inventory_alerts ADD COLUMN IF NOT EXISTS warehouse_id text;
ALTER TABLE commerce.inventory_alerts ADD COLUMN IF NOT EXISTS quantity integer;
ALTER TABLE commerce.inventory_alerts ADD COLUMN IF NOT EXISTS previous_quantity integer;
ALTER TABLE commerce.inventory_alerts ADD COLUMN IF NOT EXISTS threshold integer;
ALTER TABLE commerce.inventory_alerts ADD COLUMN IF NOT EXISTS update_id text;
ALTER TABLE commerce.inventory_alerts ADD COLUMN IF NOT EXISTS sequence bigint;
ALTER TABLE commerce.inventory_alerts ADD COLUMN IF NOT EXISTS sales_per_hour double precision;
ALTER TABLE commerce.inventory_alerts ADD COLUMN IF NOT EXISTS stockout_at timestamptz(3);
ALTER TABLE commerce.inventory_alerts ADD COLUMN IF NOT EXISTS stockout_earliest timestamptz(3);
ALTER TABLE commerce.inventory_alerts ADD COLUMN IF NOT EXISTS stockout_latest timestamptz(3);
ALTER TABLE commerce.inventory_alerts ADD COLUMN IF NOT EXISTS traceparent text;
COMMENT ON TABLE commerce.inventory_alerts IS 'A product''s stock in one warehouse will be out soon, crossed its threshold, ran out or recovered.';
COMMENT ON COLUMN commerce.inventory_alerts.alert_id IS 'Same movement, same id, however often it is computed.';
COMMENT ON COLUMN commerce.inventory_alerts.alert_type IS 'inventory.depleting, inventory.low, inventory.out_of_stock or inventory.recovered.';
COMMENT ON COLUMN commerce.inventory_alerts.event_time IS 'When the stock moved in the shop, UTC.';
COMMENT ON COLUMN commerce.inventory_alerts.product_id IS 'The product.';
COMMENT ON COLUMN commerce.inventory_alerts.product_name IS 'Its name, or `Unknown`.';
COMMENT ON COLUMN commerce.inventory_alerts.category_id IS 'Its category, or `Unknown`.';
COMMENT ON COLUMN commerce.inventory_alerts.warehouse_id IS 'The warehouse.';
COMMENT ON COLUMN commerce.inventory_alerts.quantity IS 'Units on hand after the movement.';
COMMENT ON COLUMN commerce.inventory_alerts.previous_quantity IS 'Units on hand before it, as last heard; absent on the first movement.';
COMMENT ON COLUMN commerce.inventory_alerts.threshold IS 'Stock below this is low; 0 for an unknown product.';
COMMENT ON COLUMN commerce.inventory_alerts.update_id IS 'The movement that caused the alert.';
COMMENT ON COLUMN commerce.inventory_alerts.sequence IS 'How many alerts there have been of this product in this warehouse, with this one: 1, 2, 3 … in the order in which the stock moved.';
COMMENT ON COLUMN commerce.inventory_alerts.sales_per_hour IS 'Of inventory.depleting: units sold in an average hour of the shop''s day, by what was sold lately.';
COMMENT ON COLUMN commerce.inventory_alerts.stockout_at IS 'Of inventory.depleting: when the stock will be out, as likely earlier as later; a whole minute, UTC.';
COMMENT ON COLUMN commerce.inventory_alerts.stockout_earliest IS 'Of inventory.depleting: it will be out before this in one case out of ten, UTC.';
COMMENT ON COLUMN commerce.inventory_alerts.stockout_latest IS 'Of inventory.depleting: it will be out after this in one case out of ten, UTC; null if that is more than 14 days ahead.';
COMMENT ON COLUMN commerce.inventory_alerts.traceparent IS 'Header `traceparent` (W3C Trace Context) of the movement''s record; null where there was none.';
CREATE TABLE IF NOT EXISTS commerce.dead_letters (
  topic text NOT NULL,
  kafka_partition integer NOT NULL,
  kafka_offset bigint NOT NULL,
  reason text,
  payload bytea,
  PRIMARY KEY (topic, kafka_partition, kafka_offset)
);
ALTER TABLE commerce.dead_letters ADD COLUMN IF NOT EXISTS reason text;
ALTER TABLE commerce.dead_letters ADD COLUMN IF NOT EXISTS payload bytea;
COMMENT ON TABLE commerce.dead_letters IS 'A message that could not be read; it is counted in no other stream.';
COMMENT ON COLUMN commerce.dead_letters.topic IS 'The topic it came from.';
COMMENT ON COLUMN commerce.dead_letters.kafka_partition IS 'Its partition there.';
COMMENT ON COLUMN commerce.dead_letters.kafka_offset IS 'Its offset there.';
COMMENT ON COLUMN commerce.dead_letters.reason IS 'What is wrong with it.';
COMMENT ON COLUMN commerce.dead_letters.payload IS 'The value as it was; absent for a tombstone, and for one of more than 8 MiB.';
CREATE TABLE IF NOT EXISTS commerce.event_accounting (
  topic text NOT NULL,
  counted bigint,
  duplicates bigint,
  late bigint,
  dead bigint,
  PRIMARY KEY (topic)
);
ALTER TABLE commerce.event_accounting ADD COLUMN IF NOT EXISTS counted bigint;
ALTER TABLE commerce.event_accounting ADD COLUMN IF NOT EXISTS duplicates bigint;
ALTER TABLE commerce.event_accounting ADD COLUMN IF NOT EXISTS late bigint;
ALTER TABLE commerce.event_accounting ADD COLUMN IF NOT EXISTS dead bigint;
COMMENT ON TABLE commerce.event_accounting IS 'What became of the messages of one topic so far, in windows that are complete; counted + duplicates + late + dead are all of them.';
COMMENT ON COLUMN commerce.event_accounting.topic IS 'The topic they came from.';
COMMENT ON COLUMN commerce.event_accounting.counted IS 'Events that count in the streams, of minutes that are complete.';
COMMENT ON COLUMN commerce.event_accounting.duplicates IS 'Events dropped because their id had been read before.';
COMMENT ON COLUMN commerce.event_accounting.late IS 'Events in late-events.';
COMMENT ON COLUMN commerce.event_accounting.dead IS 'Messages in dead-letters.';
CREATE TABLE IF NOT EXISTS commerce.integrity (
  identity text NOT NULL,
  window_start timestamptz(3) NOT NULL,
  window_end timestamptz(3) NOT NULL,
  currency text NOT NULL,
  part text,
  left_topic text,
  left_value numeric(38, 10),
  relation text,
  right_topic text,
  right_value numeric(38, 10),
  holds boolean,
  PRIMARY KEY (identity, window_start, window_end, currency)
);
ALTER TABLE commerce.integrity ADD COLUMN IF NOT EXISTS part text;
ALTER TABLE commerce.integrity ADD COLUMN IF NOT EXISTS left_topic text;
ALTER TABLE commerce.integrity ADD COLUMN IF NOT EXISTS left_value numeric(38, 10);
ALTER TABLE commerce.integrity ADD COLUMN IF NOT EXISTS relation text;
ALTER TABLE commerce.integrity ADD COLUMN IF NOT EXISTS right_topic text;
ALTER TABLE commerce.integrity ADD COLUMN IF NOT EXISTS right_value numeric(38, 10);
ALTER TABLE commerce.integrity ADD COLUMN IF NOT EXISTS holds boolean;
COMMENT ON TABLE commerce.integrity IS 'Two numbers of two streams that must be equal by definition, or of which one can be no more than the other, in one window that is final. A window whose rows changed later has another row, which replaces this one.';
COMMENT ON COLUMN commerce.integrity.identity IS 'What is compared, such as `revenue_of_categories` (docs/integrity.md).';
COMMENT ON COLUMN commerce.integrity.window_start IS 'Begin of the window, inclusive, UTC; of what is added up from the checker''s start on, that start.';
COMMENT ON COLUMN commerce.integrity.window_end IS 'End of the window, exclusive, UTC.';
COMMENT ON COLUMN commerce.integrity.currency IS 'ISO 4217 code; empty where it is no money.';
COMMENT ON COLUMN commerce.integrity.part IS 'Which part of the window''s numbers differs, such as a category; empty: the numbers are those of the whole window.';
COMMENT ON COLUMN commerce.integrity.left_topic IS 'Stream of the first number.';
COMMENT ON COLUMN commerce.integrity.left_value IS 'The first number.';
COMMENT ON COLUMN commerce.integrity.relation IS '`equal`: the first must be the second; `at_most`: the first must be no more than the second.';
COMMENT ON COLUMN commerce.integrity.right_topic IS 'Stream of the second number.';
COMMENT ON COLUMN commerce.integrity.right_value IS 'The second number.';
COMMENT ON COLUMN commerce.integrity.holds IS 'Whether the numbers are as they must be.';
CREATE TABLE IF NOT EXISTS commerce.late_events (
  topic text NOT NULL,
  kafka_partition integer NOT NULL,
  kafka_offset bigint NOT NULL,
  event_id text,
  event_time timestamptz(3),
  watermark timestamptz(3),
  key text,
  action text,
  PRIMARY KEY (topic, kafka_partition, kafka_offset)
);
ALTER TABLE commerce.late_events ADD COLUMN IF NOT EXISTS event_id text;
ALTER TABLE commerce.late_events ADD COLUMN IF NOT EXISTS event_time timestamptz(3);
ALTER TABLE commerce.late_events ADD COLUMN IF NOT EXISTS watermark timestamptz(3);
ALTER TABLE commerce.late_events ADD COLUMN IF NOT EXISTS key text;
ALTER TABLE commerce.late_events ADD COLUMN IF NOT EXISTS action text;
COMMENT ON TABLE commerce.late_events IS 'An event older than its stream''s watermark when it was read; it is counted in no other stream.';
COMMENT ON COLUMN commerce.late_events.topic IS 'The topic it came from.';
COMMENT ON COLUMN commerce.late_events.kafka_partition IS 'Its partition there.';
COMMENT ON COLUMN commerce.late_events.kafka_offset IS 'Its offset there.';
COMMENT ON COLUMN commerce.late_events.event_id IS 'event_id, checkout_id, refund_id or update_id of the event.';
COMMENT ON COLUMN commerce.late_events.event_time IS 'When it happened, UTC.';
COMMENT ON COLUMN commerce.late_events.watermark IS 'How far event time had come when it was read, UTC.';
COMMENT ON COLUMN commerce.late_events.key IS 'user_id, or product_id of an inventory update.';
COMMENT ON COLUMN commerce.late_events.action IS 'What it was: an action, `purchase`, `payment_failed`, `refund` or a movement''s reason.';
CREATE TABLE IF NOT EXISTS commerce.progress (
  job text NOT NULL,
  watermark timestamptz(3),
  checkpoint_id bigint,
  completed_at timestamptz(3),
  PRIMARY KEY (job)
);
ALTER TABLE commerce.progress ADD COLUMN IF NOT EXISTS watermark timestamptz(3);
ALTER TABLE commerce.progress ADD COLUMN IF NOT EXISTS checkpoint_id bigint;
ALTER TABLE commerce.progress ADD COLUMN IF NOT EXISTS completed_at timestamptz(3);
COMMENT ON TABLE commerce.progress IS 'How far one job''s results are final and can be read. Of a job that began anew from older state it is deleted until the new one has come to something.';
COMMENT ON COLUMN commerce.progress.job IS 'Name of the job in Flink, such as `footfall` or `footfall-stock`.';
COMMENT ON COLUMN commerce.progress.watermark IS 'Event time, UTC: rows of windows that end no later are all there, committed, and change no more.';
COMMENT ON COLUMN commerce.progress.checkpoint_id IS 'The checkpoint that committed them; it was triggered when the watermark had been reached.';
COMMENT ON COLUMN commerce.progress.completed_at IS 'When that checkpoint was complete, UTC.';
CREATE TABLE IF NOT EXISTS commerce.products (
  product_id text NOT NULL,
  updated_at timestamptz(3),
  name text,
  category_id text,
  brand text,
  unit_price numeric(12, 2),
  commission_rate numeric(5, 4),
  reorder_threshold integer,
  PRIMARY KEY (product_id)
);
ALTER TABLE commerce.products ADD COLUMN IF NOT EXISTS updated_at timestamptz(3);
ALTER TABLE commerce.products ADD COLUMN IF NOT EXISTS name text;
ALTER TABLE commerce.products ADD COLUMN IF NOT EXISTS category_id text;
ALTER TABLE commerce.products ADD COLUMN IF NOT EXISTS brand text;
ALTER TABLE commerce.products ADD COLUMN IF NOT EXISTS unit_price numeric(12, 2);
ALTER TABLE commerce.products ADD COLUMN IF NOT EXISTS commission_rate numeric(5, 4);
ALTER TABLE commerce.products ADD COLUMN IF NOT EXISTS reorder_threshold integer;
COMMENT ON TABLE commerce.products IS 'Latest version of one product.';
COMMENT ON COLUMN commerce.products.product_id IS 'The product.';
COMMENT ON COLUMN commerce.products.updated_at IS 'When this version became valid, UTC; 1970 for rows loaded in bulk, so that a replay of old events finds them.';
COMMENT ON COLUMN commerce.products.name IS 'Name shown to people.';
COMMENT ON COLUMN commerce.products.category_id IS 'Its category.';
COMMENT ON COLUMN commerce.products.brand IS 'Its brand.';
COMMENT ON COLUMN commerce.products.unit_price IS 'List price of one unit.';
COMMENT ON COLUMN commerce.products.commission_rate IS 'Share of revenue the shop keeps, 0 to 1.';
COMMENT ON COLUMN commerce.products.reorder_threshold IS 'Stock below this is low.';
CREATE TABLE IF NOT EXISTS commerce.users (
  user_id text NOT NULL,
  updated_at timestamptz(3),
  name text,
  gender text,
  country text,
  registered_at timestamptz(3),
  PRIMARY KEY (user_id)
);
ALTER TABLE commerce.users ADD COLUMN IF NOT EXISTS updated_at timestamptz(3);
ALTER TABLE commerce.users ADD COLUMN IF NOT EXISTS name text;
ALTER TABLE commerce.users ADD COLUMN IF NOT EXISTS gender text;
ALTER TABLE commerce.users ADD COLUMN IF NOT EXISTS country text;
ALTER TABLE commerce.users ADD COLUMN IF NOT EXISTS registered_at timestamptz(3);
COMMENT ON TABLE commerce.users IS 'Latest version of one user; never a password, never an address.';
COMMENT ON COLUMN commerce.users.user_id IS 'The user.';
COMMENT ON COLUMN commerce.users.updated_at IS 'When this version became valid, UTC; 1970 for rows loaded in bulk, so that a replay of old events finds them.';
COMMENT ON COLUMN commerce.users.name IS 'Name shown to people.';
COMMENT ON COLUMN commerce.users.gender IS 'female, male, other or undisclosed.';
COMMENT ON COLUMN commerce.users.country IS 'ISO 3166-1 alpha-2 code.';
COMMENT ON COLUMN commerce.users.registered_at IS 'When the user signed up, UTC.';
CREATE TABLE IF NOT EXISTS commerce.categories (
  category_id text NOT NULL,
  updated_at timestamptz(3),
  name text,
  parent_category_name text,
  PRIMARY KEY (category_id)
);
ALTER TABLE commerce.categories ADD COLUMN IF NOT EXISTS updated_at timestamptz(3);
ALTER TABLE commerce.categories ADD COLUMN IF NOT EXISTS name text;
ALTER TABLE commerce.categories ADD COLUMN IF NOT EXISTS parent_category_name text;
COMMENT ON TABLE commerce.categories IS 'Latest version of one category.';
COMMENT ON COLUMN commerce.categories.category_id IS 'The category.';
COMMENT ON COLUMN commerce.categories.updated_at IS 'When this version became valid, UTC; 1970 for rows loaded in bulk, so that a replay of old events finds them.';
COMMENT ON COLUMN commerce.categories.name IS 'Its name.';
COMMENT ON COLUMN commerce.categories.parent_category_name IS 'Name of the top-level category it belongs to.';
CREATE OR REPLACE VIEW commerce.channels_by_minute AS
SELECT window_start AS time, currency, channel, checkouts, purchases, revenue, profit
FROM commerce.channel_revenue;
COMMENT ON VIEW commerce.channels_by_minute IS 'Checkouts and money of one minute by currency and the channel they are credited to, before refunds.';
COMMENT ON COLUMN commerce.channels_by_minute.time IS 'First millisecond of the minute, UTC.';
COMMENT ON COLUMN commerce.channels_by_minute.currency IS 'ISO 4217 code of every amount in the row.';
COMMENT ON COLUMN commerce.channels_by_minute.channel IS 'Channel of the first click in the hour before the checkout, or `Unknown`.';
COMMENT ON COLUMN commerce.channels_by_minute.checkouts IS 'Checkouts, paid or failed.';
COMMENT ON COLUMN commerce.channels_by_minute.purchases IS 'Checkouts whose payment succeeded.';
COMMENT ON COLUMN commerce.channels_by_minute.revenue IS 'Of succeeded payments, after discounts.';
COMMENT ON COLUMN commerce.channels_by_minute.profit IS 'Commission on revenue, less shipping.';
CREATE OR REPLACE VIEW commerce.money_by_minute AS
SELECT window_start AS time, currency, revenue, refunds, net_revenue, profit, orders, units, failed_payments
FROM commerce.revenue_per_minute;
COMMENT ON VIEW commerce.money_by_minute IS 'Money and payments of one minute and currency.';
COMMENT ON COLUMN commerce.money_by_minute.time IS 'First millisecond of the minute, UTC.';
COMMENT ON COLUMN commerce.money_by_minute.currency IS 'ISO 4217 code of every amount in the row.';
COMMENT ON COLUMN commerce.money_by_minute.revenue IS 'Of succeeded payments, after discounts, before refunds.';
COMMENT ON COLUMN commerce.money_by_minute.refunds IS 'Refunded in this minute, whenever it was paid.';
COMMENT ON COLUMN commerce.money_by_minute.net_revenue IS 'revenue less refunds.';
COMMENT ON COLUMN commerce.money_by_minute.profit IS 'Commission on revenue, less shipping, before refunds.';
COMMENT ON COLUMN commerce.money_by_minute.orders IS 'Distinct orders with a succeeded payment.';
COMMENT ON COLUMN commerce.money_by_minute.units IS 'Units in succeeded payments.';
COMMENT ON COLUMN commerce.money_by_minute.failed_payments IS 'Checkouts whose payment failed.';
CREATE OR REPLACE VIEW commerce.categories_by_minute AS
SELECT window_start AS time, currency, category, orders, units, revenue, net_revenue, profit
FROM commerce.revenue_by_category;
COMMENT ON VIEW commerce.categories_by_minute IS 'Orders and money of one minute by currency and top-level category.';
COMMENT ON COLUMN commerce.categories_by_minute.time IS 'First millisecond of the minute, UTC.';
COMMENT ON COLUMN commerce.categories_by_minute.currency IS 'ISO 4217 code of every amount in the row.';
COMMENT ON COLUMN commerce.categories_by_minute.category IS 'Top-level category, or `Unknown`.';
COMMENT ON COLUMN commerce.categories_by_minute.orders IS 'Distinct orders with a succeeded payment in the category; one of two categories counts in both.';
COMMENT ON COLUMN commerce.categories_by_minute.units IS 'Units in succeeded payments.';
COMMENT ON COLUMN commerce.categories_by_minute.revenue IS 'Of succeeded payments, after discounts, before refunds.';
COMMENT ON COLUMN commerce.categories_by_minute.net_revenue IS 'revenue less refunds.';
COMMENT ON COLUMN commerce.categories_by_minute.profit IS 'Commission on revenue, less shipping, before refunds.';
CREATE OR REPLACE VIEW commerce.failed_payments_by_minute AS
SELECT window_start AS time, reason, failures
FROM commerce.payment_failures;
COMMENT ON VIEW commerce.failed_payments_by_minute IS 'Failed payments of one minute by reason, of all currencies.';
COMMENT ON COLUMN commerce.failed_payments_by_minute.time IS 'First millisecond of the minute, UTC.';
COMMENT ON COLUMN commerce.failed_payments_by_minute.reason IS 'Why, as the shop says, or `Unknown`.';
COMMENT ON COLUMN commerce.failed_payments_by_minute.failures IS 'Checkouts whose payment failed.';
CREATE OR REPLACE VIEW commerce.genders_by_minute AS
SELECT window_start AS time, currency, gender, buyers, revenue
FROM commerce.buyers_by_gender;
COMMENT ON VIEW commerce.genders_by_minute IS 'Buyers of one minute by currency and gender, before refunds.';
COMMENT ON COLUMN commerce.genders_by_minute.time IS 'First millisecond of the minute, UTC.';
COMMENT ON COLUMN commerce.genders_by_minute.currency IS 'ISO 4217 code of every amount in the row.';
COMMENT ON COLUMN commerce.genders_by_minute.gender IS 'Gender of the user, or `Unknown`.';
COMMENT ON COLUMN commerce.genders_by_minute.buyers IS 'Distinct users with a succeeded payment; one who buys in two minutes counts in both.';
COMMENT ON COLUMN commerce.genders_by_minute.revenue IS 'Of succeeded payments, after discounts.';
CREATE OR REPLACE VIEW commerce.conversion_by_hour AS
SELECT
  window_end AS time,
  scope,
  CASE scope WHEN 'shop' THEN 'whole shop' ELSE category END AS category,
  viewers,
  carters,
  buyers,
  round(carters::numeric / nullif(viewers, 0), 6) AS cart_rate,
  round(buyers::numeric / nullif(viewers, 0), 6) AS purchase_rate
FROM commerce.conversion_rates;
COMMENT ON VIEW commerce.conversion_by_hour IS 'How many viewers became carters and buyers in the hour before `time`; a row every five minutes.';
COMMENT ON COLUMN commerce.conversion_by_hour.time IS 'First millisecond after the hour, UTC.';
COMMENT ON COLUMN commerce.conversion_by_hour.scope IS '`shop`, or `category` for one top-level category.';
COMMENT ON COLUMN commerce.conversion_by_hour.category IS 'The category, or `whole shop`.';
COMMENT ON COLUMN commerce.conversion_by_hour.viewers IS 'Distinct users with a product_view.';
COMMENT ON COLUMN commerce.conversion_by_hour.carters IS 'Distinct users with an add_to_cart.';
COMMENT ON COLUMN commerce.conversion_by_hour.buyers IS 'Distinct users with a succeeded payment.';
COMMENT ON COLUMN commerce.conversion_by_hour.cart_rate IS 'carters / viewers to six digits; absent without viewers.';
COMMENT ON COLUMN commerce.conversion_by_hour.purchase_rate IS 'buyers / viewers to six digits; absent without viewers.';
CREATE OR REPLACE VIEW commerce.visitors_by_minute AS
SELECT window_end AS time, '1 minute' AS during, visitors
FROM commerce.unique_visitors
UNION ALL
SELECT window_end, '5 minutes', visitors
FROM commerce.active_visitors;
COMMENT ON VIEW commerce.visitors_by_minute IS 'Distinct visitors of the minute and of the five minutes before `time`.';
COMMENT ON COLUMN commerce.visitors_by_minute.time IS 'First millisecond after the window, UTC.';
COMMENT ON COLUMN commerce.visitors_by_minute.during IS 'How long the window is: `1 minute` or `5 minutes`.';
COMMENT ON COLUMN commerce.visitors_by_minute.visitors IS 'Distinct users.';
CREATE OR REPLACE VIEW commerce.low_stock AS
SELECT
  stock.product_id,
  stock.product_name,
  stock.warehouse_id,
  stock.level,
  stock.quantity,
  stock.threshold,
  stock.event_time AS time,
  CASE WHEN stock.level = 'low' THEN forecast.stockout_at END AS stockout_at
FROM commerce.stock_levels AS stock
LEFT JOIN commerce.stock_forecasts AS forecast USING (product_id, warehouse_id)
WHERE stock.level IN ('low', 'out');
COMMENT ON VIEW commerce.low_stock IS 'Stock that is below its threshold or out, and when what is left will be gone.';
COMMENT ON COLUMN commerce.low_stock.product_id IS 'The product.';
COMMENT ON COLUMN commerce.low_stock.product_name IS 'Its name at the time of its newest update, or `Unknown`.';
COMMENT ON COLUMN commerce.low_stock.warehouse_id IS 'The warehouse.';
COMMENT ON COLUMN commerce.low_stock.level IS 'low (below the threshold) or out (zero or less).';
COMMENT ON COLUMN commerce.low_stock.quantity IS 'Units on hand.';
COMMENT ON COLUMN commerce.low_stock.threshold IS 'Stock below this is low.';
COMMENT ON COLUMN commerce.low_stock.time IS 'When the stock last moved, UTC.';
COMMENT ON COLUMN commerce.low_stock.stockout_at IS 'When it will be out, as likely earlier as later, UTC; absent when nobody knows, or when it is.';
