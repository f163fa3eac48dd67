-- The messages of the dimensions' topics, for those of them that cannot be read: the tables of versions leave these out.
-- The columns are those of the versions, so that the same messages are found unreadable. There is no watermark: nothing
-- waits for this table. A message without a value deletes its key, as it does in a compacted topic, and is none of these.
CREATE TABLE dimension_messages ( -- noqa: PRS
  product_id STRING,
  category_id STRING,
  user_id STRING,
  updated_at TIMESTAMP(3) NOT NULL,
  name STRING NOT NULL,
  parent_category_name STRING,
  gender STRING,
  commission_rate DECIMAL(5, 4),
  reorder_threshold INT,
  decode_error STRING,
  raw_value BYTES,
  topic STRING NOT NULL METADATA VIRTUAL,
  `partition` INT NOT NULL METADATA VIRTUAL,
  `offset` BIGINT NOT NULL METADATA VIRTUAL
) WITH (
  'connector' = 'footfall-kafka',
  'topic' = '${products};${users};${categories}',
  'footfall-avro.tombstones' = 'skip',
  ${message_source}
);
