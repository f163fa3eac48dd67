-- Versions of users, joined as of an event's time.
CREATE TABLE users (
  user_id STRING NOT NULL,
  updated_at TIMESTAMP(3) NOT NULL,
  name STRING NOT NULL,
  gender STRING NOT NULL,
  PRIMARY KEY (user_id) NOT ENFORCED,
  WATERMARK FOR updated_at AS updated_at - INTERVAL '0.001' SECOND
) WITH (
  'connector' = 'footfall-upsert-kafka',
  'topic' = '${users}',
  ${version_source}
);
