"""The way of encoded messages to Kafka: when they are due, whether they arrived, what is written down of them."""
