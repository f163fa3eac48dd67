-- Tells copies of a row from the first one, keeping the order of rows (flink/connector).
CREATE TEMPORARY SYSTEM FUNCTION mark_copies AS 'io.footfall.flink.MarkCopies' LANGUAGE JAVA;
