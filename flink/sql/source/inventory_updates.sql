-- Inventory updates. Partitioned by product, so one product's updates keep their order.
CREATE TABLE inventory_updates ( -- noqa: PRS
  update_id STRING NOT NULL,
  event_time TIMESTAMP(3) NOT NULL,
  product_id STRING NOT NULL,
  warehouse_id STRING NOT NULL,
  `change` INT NOT NULL,
  quantity_on_hand INT NOT NULL,
  reason STRING NOT NULL,
  decode_error STRING,
  raw_value BYTES,
  `partition` INT NOT NULL METADATA VIRTUAL,
  `offset` BIGINT NOT NULL METADATA VIRTUAL,
  headers MAP<STRING NOT NULL, BYTES> NOT NULL METADATA VIRTUAL,
  WATERMARK FOR event_time AS event_time - ${watermark_delay}
) WITH (
  'connector' = 'footfall-kafka',
  'topic' = '${inventory_updates}',
  ${append_source}
);
