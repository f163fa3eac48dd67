"""Compares what sinks hold with what the topics hold, under kills."""
