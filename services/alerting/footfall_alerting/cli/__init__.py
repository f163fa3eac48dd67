"""`footfall webhook`: receive webhooks on this machine, and look after those of the alerting service."""

from footfall_alerting.cli.root import webhook

__all__ = ["webhook"]
