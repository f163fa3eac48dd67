"""What the exporter counts, by sink and stream."""

from footfall_chassis.metrics import counter, gauge

LABELS = ("sink", "stream")

LAG = gauge(
    "footfall_exporter_lag_rows", "Offsets that the sink has not confirmed, of the partitions of this instance.", LABELS
)
OLDEST = gauge(
    "footfall_exporter_oldest_seconds", "Age of the oldest row that is read and not exported; 0: none is.", LABELS
)
ROWS = counter("footfall_exporter_rows_total", "Rows that the sink has confirmed.", LABELS)
REFUSED = counter("footfall_exporter_refused_rows_total", "Rows that became dead letters.", LABELS)
LOST = counter(
    "footfall_exporter_lost_rows_total",
    "Offsets that Kafka had deleted before they were exported; ends of transactions are among them.",
    LABELS,
)
BATCHES = counter("footfall_exporter_batches_total", "Batches that the sink has confirmed.", LABELS)
FAILURES = counter(
    "footfall_exporter_failures_total", "Attempts at which the sink was away, slow, full or throttled.", LABELS
)
HELD = gauge("footfall_exporter_held_bytes", "Bytes of messages held for a sink.", ("sink",))
