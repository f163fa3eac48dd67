-- Each inventory update with the forecast when its stock will be out (flink/connector, docs/forecasts.md).
CREATE TEMPORARY SYSTEM FUNCTION forecast_stock AS 'io.footfall.flink.stock.ForecastStock' LANGUAGE JAVA;
