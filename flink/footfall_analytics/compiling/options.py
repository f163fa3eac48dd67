"""Flink options of the job. They are set in the job, since a remote submission ignores the client's config file."""

from pathlib import Path
from urllib.parse import urlsplit

from footfall_analytics.flink_uri import flink_uri
from footfall_analytics.planning.sqltext import milliseconds
from footfall_analytics.settings import AnalyticsSettings

FOR_EVER = "0 ms"
STATE_BACKENDS = {
    "mixed": "io.footfall.flink.state.MixedStateBackendFactory",
    "hashmap": "hashmap",
    "rocksdb": "rocksdb",
}


def job_options(
    settings: AnalyticsSettings, *, restore: Path | None = None, job_id: str | None = None
) -> dict[str, str]:
    """Return every option of one submission.

    Args:
        settings: Where the cluster is and how the job runs.
        restore: Checkpoint or savepoint to start from; None starts from nothing.
        job_id: The job's id; the cluster takes no second job of the same. None lets Flink choose one.
    """
    rest = urlsplit(settings.flink_rest_url)
    options = {
        "execution.target": "remote",
        "rest.address": rest.hostname or "localhost",
        "rest.port": str(rest.port or 8081),
        "pipeline.name": settings.name_in_flink,
        "parallelism.default": str(settings.parallelism),
        # SQL operators do not keep references to rows they are given (FLIP-329).
        "pipeline.object-reuse": "true",
        "pipeline.auto-watermark-interval": milliseconds(settings.clock_interval),
        "table.local-time-zone": settings.time_zone,
        # Views that several sinks read are planned once: one read, one decode, one deduplication.
        "table.optimizer.reuse-optimize-block-with-digest-enabled": "true",
        # Every view is keyed by its sink's primary key, so a key's rows leave one subtask in order: nothing to put right.
        "table.exec.sink.upsert-materialize": "NONE",
        # Columns that may be null or are too narrow are refused before (decision 20). What remains is a total that runs past
        # Flink's 38 digits: its row is left out; an error would end the job, to be met again after its restart.
        "table.exec.sink.not-null-enforcer": "DROP",
        "execution.checkpointing.mode": "EXACTLY_ONCE",
        "execution.checkpointing.interval": milliseconds(settings.interval),
        "execution.checkpointing.min-pause": milliseconds(settings.interval / 2),
        "execution.checkpointing.timeout": "5 min",
        "execution.checkpointing.tolerable-failed-checkpoints": "10",
        "execution.checkpointing.externalized-checkpoint-retention": "RETAIN_ON_CANCELLATION",
        "execution.checkpointing.dir": flink_uri(settings.state_dir / "checkpoints"),
        "execution.checkpointing.savepoint-dir": flink_uri(settings.state_dir / "savepoints"),
        "state.backend.type": STATE_BACKENDS[settings.state_backend],
        "execution.checkpointing.incremental": "true",
        # Not four KiB at a time.
        "execution.checkpointing.write-buffer-size": "65536",
    }
    if restore:
        options["execution.state-recovery.path"] = flink_uri(restore)
    if job_id:
        options["$internal.pipeline.job-id"] = job_id
    return options


def state_ttl() -> dict[str, str]:
    """Return how long operators remember a row, by the column they are keyed by."""
    return {
        # The running total of a day, and the few totals that go on for ever.
        "date": "2 d",
        "category": FOR_EVER,
        "topic": FOR_EVER,
    }
