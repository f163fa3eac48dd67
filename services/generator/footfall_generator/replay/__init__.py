"""Recorded files as events of the shop."""
