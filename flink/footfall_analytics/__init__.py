"""Footfall's analytics: plans the SQL files into one Flink job, submits it and keeps it running."""
