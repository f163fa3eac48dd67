"""`python -m footfall_analytics run`: the process that provisions topics and schemas and keeps the job."""

import os
import signal
import sys
from pathlib import Path

import structlog
from confluent_kafka import KafkaException
from footfall_chassis.logging import configure_logging
from footfall_chassis.patience import Patience
from footfall_health.metrics import FactCollector
from footfall_health.shop import of
from footfall_schemas.errors import FootfallError, TransientError
from footfall_schemas.provision import ensure_schemas, ensure_topics
from footfall_schemas.topics import load_topics
from prometheus_client import REGISTRY

from footfall_analytics.integrity.checker import IntegrityChecker, checker_of
from footfall_analytics.planning.script import build_script
from footfall_analytics.postgres.writer import PostgresWriter
from footfall_analytics.running.job_supervisor import JobSupervisor
from footfall_analytics.running.progress_publisher import ProgressPublisher, progress_of
from footfall_analytics.running.rest import FlinkRest
from footfall_analytics.running.web import FactsHealth, serve
from footfall_analytics.settings import AnalyticsSettings

PATIENCE = 120.0
"""Seconds the broker and the registry may take to answer at the start."""

log = structlog.get_logger()


def main() -> int:
    """Keep the job until a signal; return the exit status."""
    settings = AnalyticsSettings.load_or_exit()
    configure_logging(settings.log_level, "analytics")
    ready_file = os.environ.get("FOOTFALL_READY_FILE")
    with FlinkRest(settings.flink_rest_url) as rest:
        try:
            script = build_script(settings)
            supervisor = JobSupervisor(settings, script, rest, Path(ready_file) if ready_file else None)
            writer = PostgresWriter(settings, rest) if settings.fills_postgres else None
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, lambda *_: stop(supervisor, writer))
            supervisor.prepare()
            health = FactsHealth(of(settings))
            REGISTRY.register(FactCollector(health.facts))
            serve(health, settings.host, settings.port)
            provision(settings)
            keep(supervisor, writer, progress_of(settings, script), checker_of(settings, script))
        except (FootfallError, KafkaException) as error:
            log.error("cannot start", reason=str(error))  # noqa: TRY400
            return 1
    return 0


def keep(
    supervisor: JobSupervisor, writer: PostgresWriter | None, progress: ProgressPublisher, checker: IntegrityChecker
) -> None:
    """Keep the jobs until both are asked to end, tell how far the one has come, and check what it publishes.

    Raises:
        HopelessError: The analytics job cannot be started as it is.
        StateLostError: The analytics job has lost its state.
    """
    if writer:
        writer.start()
    progress.start()
    checker.start()
    try:
        supervisor.run()
    finally:
        progress.stop()
        checker.stop()
        progress.join()
        checker.join()
        if writer:
            writer.stop()
            writer.join()


def stop(supervisor: JobSupervisor, writer: PostgresWriter | None) -> None:
    """Ask both for the end."""
    supervisor.stopping.set()
    if writer:
        writer.stop()


def provision(settings: AnalyticsSettings) -> None:
    """Create the topics and register the schemas that are missing; waits a while for the broker and the registry.

    Raises:
        AccessRefusedError: One refuses the user.
        BrokerAwayError: The broker did not come.
        RegistryUnavailableError: The registry did not come.
    """
    topics = list(load_topics().values())
    registry = settings.registry()
    patience = Patience(
        PATIENCE,
        mends=lambda error: isinstance(error, KafkaException | TransientError),
        tell=lambda error: log.warning("waiting for an answer", reason=str(error), seconds=PATIENCE),
    )

    def create() -> None:
        created = ensure_topics(settings.librdkafka(), topics, prefix=settings.topic_prefix)
        ids = ensure_schemas(registry, topics)
        log.info("topics and schemas ready", created=created, schemas=len(ids))

    patience.ask(create)
    registry.close()


if __name__ == "__main__":
    if sys.argv[1:] != ["run"]:
        sys.exit("usage: python -m footfall_analytics run")
    sys.exit(main())
