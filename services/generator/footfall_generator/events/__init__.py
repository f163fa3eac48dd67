"""What every folder speaks in: moments, amounts' currencies, topics, encoded messages and their partitions."""
