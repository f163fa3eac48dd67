-- Totals by hours (or other parts) of the shop's own day, by its zone's rules at the time of each (flink/connector).
CREATE TEMPORARY SYSTEM FUNCTION sum_by_clock AS 'io.footfall.flink.clock.SumByClock' LANGUAGE JAVA;
