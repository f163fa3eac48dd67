"""Keeps jobs running in a cluster, and says how they are."""
