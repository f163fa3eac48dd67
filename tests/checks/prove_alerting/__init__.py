"""Proves what alerting promises, on a stack of its own: kills, rebalances, receivers of every kind, a burst."""
