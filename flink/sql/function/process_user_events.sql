-- One pass over everything a shopper does (flink/connector, docs/decisions/0013).
CREATE TEMPORARY SYSTEM FUNCTION process_user_events AS 'io.footfall.flink.shopper.ProcessUserEvents' LANGUAGE JAVA;
