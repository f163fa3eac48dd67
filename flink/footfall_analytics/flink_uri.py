"""Addresses of files as Flink reads them. Pure."""

from pathlib import Path


def flink_uri(path: Path) -> str:
    """Return a file's address as Flink reads it: it takes a `%20` for three characters of the name."""
    return f"file://{path}"
