"""Who receives webhooks."""

from footfall_alerting.endpoints.endpoint import Endpoint

__all__ = ["Endpoint"]
