"""Carries the output topics, exactly, into stores that Flink has no connector for."""
