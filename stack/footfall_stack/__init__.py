"""Runs every part of Footfall on one machine without Docker, and carries the `footfall` command."""
