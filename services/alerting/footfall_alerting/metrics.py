"""What the alerting service counts."""

from footfall_chassis.metrics import LabelledCounter, counter, gauge, seconds

from footfall_alerting.old_policy import DeliveryResult

ATTEMPTS = LabelledCounter(
    "footfall_webhook_attempts_total", "Attempts to deliver a webhook, by how they ended.", "outcome", DeliveryResult
)
DELIVERY_SECONDS = seconds(
    "footfall_webhook_delivery_seconds",
    "From the event in the shop to the receiver's 2xx.",
    (0.1, 0.25, 0.5, 1, 2, 3, 5, 10, 30, 60, 300, 3600),
)
ATTEMPT_SECONDS = seconds(
    "footfall_webhook_attempt_seconds", "How long one attempt took.", (0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5, 15)
)
ALERTS = counter("footfall_webhook_alerts_total", "Alerts read from inventory-alerts.")
RETRIES = counter("footfall_webhook_retries_total", "Webhooks put into a retry topic.")
DEAD_LETTERS = counter("footfall_webhook_dead_letters_total", "Webhooks and alerts given up.")
DISABLED = gauge("footfall_webhook_endpoint_disabled", "1 when the endpoint answered 410 Gone.", ("endpoint",))
