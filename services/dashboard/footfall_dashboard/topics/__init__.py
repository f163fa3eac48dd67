"""Looks into topics: partitions, offsets, messages."""
