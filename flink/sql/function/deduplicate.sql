-- Tells duplicates of a row from the first one, keeping the order of rows (flink/connector).
CREATE TEMPORARY SYSTEM FUNCTION deduplicate AS 'io.footfall.flink.dedup.Deduplicate' LANGUAGE JAVA;
