"""Delivers inventory alerts as signed webhooks."""
