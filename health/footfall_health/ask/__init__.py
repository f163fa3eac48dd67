"""The edge: asks Kafka, the registry, Flink and the services, all at once and under one deadline."""
