-- Versions of products, joined as of an event's time.
CREATE TABLE products (
  product_id STRING NOT NULL,
  updated_at TIMESTAMP(3) NOT NULL,
  name STRING NOT NULL,
  category_id STRING NOT NULL,
  commission_rate DECIMAL(5, 4) NOT NULL,
  reorder_threshold INT NOT NULL,
  PRIMARY KEY (product_id) NOT ENFORCED,
  WATERMARK FOR updated_at AS updated_at - INTERVAL '0.001' SECOND
) WITH (
  'connector' = 'footfall-upsert-kafka',
  'topic' = '${products}',
  ${version_source}
);
