-- Inventory updates in order of time, each with the rhythm of the shop's day (flink/connector).
CREATE TEMPORARY SYSTEM FUNCTION add_rhythm AS 'io.footfall.flink.stock.AddRhythm' LANGUAGE JAVA;
