-- One pass over everything a shopper does (flink/connector, docs/decisions/0013).
CREATE TEMPORARY SYSTEM FUNCTION follow_shoppers AS 'io.footfall.flink.shopper.FollowShoppers' LANGUAGE JAVA;
