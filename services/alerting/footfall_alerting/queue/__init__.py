"""Jobs that wait: one queue for each endpoint, durable in the jobs topic, owned by partition."""
