"""Answers which products are viewed together."""
