"""*Footfall pipeline*: whether the numbers are fresh, whole and in agreement, and whether alerts arrive."""

from grafana_foundation_sdk.models.dashboard import Dashboard

from footfall_grafana.boards import board
from footfall_grafana.panels import WIDTH, About, Panel, levels, lines, number, stacks
from footfall_grafana.sources import now, over_time

UID = "footfall-pipeline"
RATE = "$__rate_interval"


def pipeline() -> Dashboard:
    """Return the dashboard."""
    return board(
        UID,
        "Footfall pipeline",
        "From the shop's messages to results, webhooks and recommendations.",
        {
            "Now": _now(),
            "Checks of `footfall status`": _checks(),
            "Reading": _reading(),
            "Integrity": _integrity(),
            "Webhooks": _webhooks(),
            "Recommender": _recommender(),
            "Broker": _broker(),
        },
    )


def _now() -> list[Panel]:
    return [
        number(
            About("Checks that are wrong", "How many checks of `footfall status` are red.", "locale"),
            now("sum(footfall_fact_level == bool 2)"),
            wrong_above=1,
        ),
        number(
            About(
                "Identities broken",
                "Windows of the last hour in which two streams disagree; 0 is green.",
                "locale",
            ),
            now("sum(footfall_integrity_broken)"),
            wrong_above=1,
        ),
        number(
            About("Age of the newest minute", "How long ago the newest minute on the live page ended.", "s"),
            now("time() - max(footfall_dashboard_as_of_seconds > 0)"),
            wrong_above=300,
        ),
        number(
            About("Watermark behind", "How far event time is behind the clock, in the slowest table.", "s"),
            now("max(footfall_watermark_behind_seconds)"),
            wrong_above=600,
        ),
        number(
            About("Age of the checkpoint", "Results become visible with checkpoints: how old the newest one is.", "s"),
            now("max(footfall_checkpoint_age_seconds)"),
            wrong_above=120,
        ),
        number(
            About("Parts away", "Processes that do not answer Prometheus.", "locale"),
            now("sum(up == bool 0)"),
            wrong_above=1,
        ),
    ]


def _checks() -> list[Panel]:
    return [
        levels(
            About("Checks", "The worst of each check over time; docs/operations.md says what to do about each."),
            over_time("max by (fact) (footfall_fact_level)", "{{fact}}"),
        )
    ]


def _reading() -> list[Panel]:
    return [
        lines(
            About("Unread messages", "Messages of each input topic that the job has not read yet.", "locale"),
            over_time("max by (topic) (footfall_unread_messages)", "{{topic}}"),
        ),
        lines(
            About(
                "Watermark behind the clock",
                "By table; results of a minute come once the watermark has passed it.",
                "s",
            ),
            over_time("max by (table) (footfall_watermark_behind_seconds)", "{{table}}"),
        ),
        lines(
            About(
                "Late events", "Share of the last minutes' messages that came too late to be counted.", "percentunit"
            ),
            over_time("max by (topic) (footfall_late_ratio)", "{{topic}}"),
            span=8,
        ),
        lines(
            About("Dead letters", "Share of the last minutes' messages that could not be read.", "percentunit"),
            over_time("max by (topic) (footfall_dead_letter_ratio)", "{{topic}}"),
            span=8,
        ),
        lines(
            About("Open transactions", "For how long a transaction has been open behind which nobody can read.", "s"),
            over_time("max by (topic) (footfall_open_transaction_age_seconds)", "{{topic}}"),
            span=8,
        ),
    ]


def _integrity() -> list[Panel]:
    return [
        stacks(
            About(
                "Broken identities", "Windows of the last hour in which an identity between streams fails.", "locale"
            ),
            over_time("max by (identity) (footfall_integrity_broken)", "{{identity}}"),
        ),
        lines(
            About("Comparisons", "Windows of identities that were compared, for each second.", "cps"),
            over_time(f"sum(rate(footfall_integrity_checks_total[{RATE}]))", "compared"),
        ),
    ]


def _webhooks() -> list[Panel]:
    return [
        lines(
            About("Waiting", "Webhooks that are not finished, by endpoint.", "locale"),
            over_time("sum by (endpoint) (footfall_webhook_waiting)", "{{endpoint}}"),
            span=8,
        ),
        lines(
            About("Oldest due", "For how long the oldest webhook of each endpoint has been due.", "s"),
            over_time("max by (endpoint) (footfall_webhook_oldest_waiting_seconds)", "{{endpoint}}"),
            span=8,
        ),
        stacks(
            About("Attempts", "Attempts for each second, by how they ended.", "cps"),
            over_time(f"sum by (outcome) (rate(footfall_webhook_attempts_total[{RATE}]))", "{{outcome}}"),
            span=8,
        ),
        lines(
            About(
                "From the event to the receiver",
                "Half, and all but one in a hundred, of the deliveries take less.",
                "s",
            ),
            over_time(_quantile(0.5, "footfall_webhook_delivery_seconds"), "half"),
            over_time(_quantile(0.99, "footfall_webhook_delivery_seconds"), "99 of 100", "B"),
            span=8,
        ),
        stacks(
            About("Given up", "Webhooks that became dead letters within 5 minutes, by reason.", "locale"),
            over_time("sum by (reason) (increase(footfall_webhook_dead_letters_total[5m]))", "{{reason}}"),
            span=8,
        ),
        lines(
            About("Disabled endpoints", "1 while an endpoint gets nothing.", "locale"),
            over_time("max by (endpoint) (footfall_webhook_endpoint_disabled)", "{{endpoint}}"),
            span=8,
        ),
    ]


def _recommender() -> list[Panel]:
    return [
        stacks(
            About("Answers", "Requests for each second, by what was answered.", "reqps"),
            over_time(f"sum by (answer) (rate(footfall_recommendations_total[{RATE}]))", "{{answer}}"),
            span=8,
        ),
        lines(
            About("Time to answer", "All but one in a hundred answers take less, inside the service.", "s"),
            over_time(_quantile(0.99, "footfall_recommendation_seconds"), "99 of 100"),
            span=8,
        ),
        lines(
            About("Behind", "How old the newest related products in memory are.", "s"),
            over_time("time() - min(footfall_recommender_as_of_seconds > 0)", "behind"),
            span=8,
        ),
    ]


def _broker() -> list[Panel]:
    written = 'kafka_server_brokertopicmetrics_messagesin_total{topic!~"__.*|"}'
    return [
        stacks(
            About("Messages written", "For each second, by topic; the broker's own topics are left out.", "cps"),
            over_time(
                f"topk(15, sum by (topic) (rate({written}[{RATE}])))",
                "{{topic}}",
            ),
        ),
        lines(
            About("Bytes on disk", "Of all partitions of a topic, the 15 largest.", "bytes"),
            over_time("topk(15, sum by (topic) (kafka_log_log_size_bytes))", "{{topic}}"),
        ),
        lines(
            About("Time of the broker's requests", "All but one in a hundred took less, lately.", "ms"),
            over_time(
                'max by (request) (kafka_network_requestmetrics_totaltime_milliseconds{quantile="0.99"})', "{{request}}"
            ),
            span=WIDTH,
        ),
    ]


def _quantile(share: float, histogram: str) -> str:
    return f"histogram_quantile({share}, sum by (le) (rate({histogram}_bucket[{RATE}])))"
