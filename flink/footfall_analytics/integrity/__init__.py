"""Checks live that published streams agree with one another, and publishes what it finds."""
