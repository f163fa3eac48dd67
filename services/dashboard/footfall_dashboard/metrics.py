"""What the live page counts."""

from footfall_chassis.metrics import counter, gauge, seconds

PAGES = gauge("footfall_dashboard_pages", "Open pages.")
PAGES_REFUSED = counter("footfall_dashboard_pages_refused_total", "Pages refused because too many were open.")
SENT_BYTES = counter("footfall_dashboard_sent_bytes_total", "Bytes of events sent to pages.")
CHANGES = counter("footfall_dashboard_changes_total", "Panels that were drawn anew because they had changed.")
MESSAGES = counter("footfall_dashboard_messages_total", "Messages of output topics that were read.")
UNREADABLE = counter(
    "footfall_dashboard_unreadable_messages_total", "Messages of output topics that could not be decoded."
)
ROWS = gauge("footfall_dashboard_rows", "Rows in memory, by topic.", ["topic"])
DROPPED = gauge("footfall_dashboard_dropped_rows", "Rows that DASHBOARD_MAX_ROWS has left no room for.")
DRAW_SECONDS = seconds(
    "footfall_dashboard_draw_seconds",
    "How long drawing what had changed took.",
    (0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1),
)
EVENT_TIME = gauge("footfall_dashboard_as_of_seconds", "End of the newest minute in memory, epoch seconds.")
