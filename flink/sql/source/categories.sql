-- Versions of categories, joined as of an event's time.
CREATE TABLE categories (
  category_id STRING NOT NULL,
  updated_at TIMESTAMP(3) NOT NULL,
  parent_category_name STRING NOT NULL,
  PRIMARY KEY (category_id) NOT ENFORCED,
  WATERMARK FOR updated_at AS updated_at - INTERVAL '0.001' SECOND
) WITH (
  'connector' = 'footfall-upsert-kafka',
  'topic' = '${categories}',
  ${version_source}
);
