"""Plumbing every Footfall service shares; it knows no business words."""
