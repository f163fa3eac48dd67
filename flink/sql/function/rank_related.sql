-- Totals of co-views per product and the best of them, one row per product and window (flink/connector).
CREATE TEMPORARY SYSTEM FUNCTION rank_related AS 'io.footfall.flink.related.RankRelated' LANGUAGE JAVA;
