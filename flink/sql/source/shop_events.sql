-- Clickstream, checkouts and refunds, read as one stream: one source, one decode per topic, and one watermark over all
-- their partitions, so that "late" means the same to every stream and a topic that falls quiet holds nothing back.
-- The connector is Kafka's with a watermark that looks at lag (docs/decisions/0004).
-- Rows of clickstream have an event_id, rows of refunds a refund_id, rows of checkouts a payment_status; of a message
-- that cannot be read, only its bytes and the reason are there (dead_letters). What values a field may have is said in
-- its schema (schemas/events).
CREATE TABLE shop_events ( -- noqa: PRS
  event_id STRING,
  checkout_id STRING,
  refund_id STRING,
  order_id STRING,
  event_time TIMESTAMP(3) NOT NULL,
  user_id STRING NOT NULL,
  `action` STRING,
  product_id STRING,
  category_id STRING,
  quantity INT,
  unit_price DECIMAL(12, 2),
  discount_rate DECIMAL(5, 4),
  shipping_cost DECIMAL(12, 2),
  amount DECIMAL(12, 2),
  currency STRING,
  payment_status STRING,
  payment_failure_reason STRING,
  source STRING NOT NULL,
  channel STRING,
  decode_error STRING,
  raw_value BYTES,
  topic STRING NOT NULL METADATA VIRTUAL,
  `partition` INT NOT NULL METADATA VIRTUAL,
  `offset` BIGINT NOT NULL METADATA VIRTUAL,
  WATERMARK FOR event_time AS event_time - ${watermark_delay}
) WITH (
  'connector' = 'footfall-kafka',
  'topic' = '${clickstream};${checkouts};${refunds}',
  ${append_source}
);
