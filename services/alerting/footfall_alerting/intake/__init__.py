"""What others tell alerting: alerts of Prometheus' Alertmanager."""
