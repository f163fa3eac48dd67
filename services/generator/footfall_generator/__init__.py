"""Simulates a shop's events and replays recorded ones."""
