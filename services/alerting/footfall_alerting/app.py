"""Composition root of the alerting service, and the only file that knows Faust."""

import asyncio
import time
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack, suppress
from functools import partial
from typing import Any

import structlog
from fastapi import FastAPI
from footfall_chassis import consumer, faust_app
from footfall_chassis.appending import Appender
from footfall_chassis.bearer import Token
from footfall_chassis.breaker import Breaker
from footfall_chassis.health import CheckResult, Health
from footfall_chassis.kafka_watch import watching
from footfall_chassis.worker import wait_for
from footfall_schemas import codec
from footfall_schemas.provision import ensure_schemas, ensure_topics
from footfall_schemas.registry import RegistryUnavailableError, SchemaRegistry
from footfall_schemas.topics import Json, Topic, load_topics

from footfall_alerting.api.api import Parts, build_api
from footfall_alerting.backlog import backlog
from footfall_alerting.dispatch import Dispatcher
from footfall_alerting.events import Event
from footfall_alerting.history.history import History, HistoryTopics
from footfall_alerting.history.message_log import MessageLog, producer_of
from footfall_alerting.metrics import EVENTS as EVENTS_READ
from footfall_alerting.metrics import LAG, OTHER, DeadReason, meters
from footfall_alerting.ownership import Ownership
from footfall_alerting.policy import Schedule
from footfall_alerting.queue.burial import Burial
from footfall_alerting.queue.desk import Desk
from footfall_alerting.queue.journal import KafkaJournal
from footfall_alerting.queue.receiver import Receiver
from footfall_alerting.retention import check_kept, cleanup_policies
from footfall_alerting.sending.sender import Sender
from footfall_alerting.settings import AlertingSettings
from footfall_alerting.sources import event_of_alert, event_of_cart
from footfall_alerting.standing.keeper import StandingKeeper
from footfall_alerting.standing.standings import Standings
from footfall_alerting.together import check_equal, partition_counts
from footfall_alerting.topics import DEAD_LETTERS, ENDPOINTS, EVENTS, JOBS, MESSAGES, RESENDS, own_topics

ALERTS = load_topics()["inventory-alerts"]
CARTS = load_topics()["abandoned_carts"]
GROUP = "alerting"
FLUSH = 1.0
"""Seconds that each producer has at the end."""

log = structlog.get_logger(__name__)


class Alerting:
    """The service: a web application that answers from the start, and the work behind it.

    Args:
        settings: What it can be told.
        health: What says whether it is ready.
    """

    def __init__(self, settings: AlertingSettings, health: Health) -> None:
        self._settings = settings
        self._health = health
        self._client = settings.librdkafka()
        self._endpoints = {endpoint.id: endpoint for endpoint in settings.receivers()}
        self._meters = meters(self._endpoints)
        self._history = History(
            self._client, HistoryTopics(self._name(MESSAGES), self._name(DEAD_LETTERS), self._name(RESENDS))
        )
        self._sending = asyncio.Event()
        self._faust: faust_app.SafeApp
        self._standings = Standings(
            {endpoint.id: endpoint.address for endpoint in self._endpoints.values()},
            disable_after=settings.disable_after,
        )
        self._keeper = StandingKeeper(
            self._standings,
            self._client,
            topic=self._name(ENDPOINTS),
            group=self._name(GROUP),
            send=self._send,
            tell=self._tell,
        )
        health.checks["kafka"] = lambda: CheckResult(ok=False, detail="waiting for Kafka and the registry")
        health.checks["endpoints"] = self._keeper.status
        health.checks["webhooks"] = partial(backlog, self._meters)
        if cautions := settings.cautions():
            health.checks["settings"] = lambda: CheckResult(ok=True, detail="; ".join(cautions), caution=True)
        self.api: FastAPI = build_api(
            Parts(
                health=health,
                token=Token(settings.token.get_secret_value()),
                endpoints=tuple(self._endpoints.values()),
                meters=self._meters,
                history=self._history,
                book=self._keeper,
                tell=self._tell,
                disable_after=settings.disable_after,
                dashboard_url=str(settings.dashboard_url),
                local_only=settings.is_local and not (settings.behind_proxy or settings.token.get_secret_value()),
            )
        )

    async def work(self) -> None:
        """Deliver until cancelled.

        Raises:
            DependencyUnavailableError: No Kafka or no registry at start.
            TopicForgetsError: A topic deletes what must stay.
            TopicsDisagreeError: Topics cannot be read together.
            WorkerStoppedError: Faust crashed.
        """
        settings, health = self._settings, self._health
        for caution in settings.cautions():
            log.warning("caution", what=caution)
        rows: dict[str, tuple[Topic, Callable[[Mapping[str, Any]], Event]]] = {ALERTS.name: (ALERTS, event_of_alert)}
        if any("cart.abandoned" in (endpoint.event_types or ()) for endpoint in self._endpoints.values()):
            rows[CARTS.name] = (CARTS, event_of_cart)
        registry = settings.registry()
        await self._prepare(registry, [source for source, _ in rows.values()])
        self._faust = app = faust_app.build_app(self._name(GROUP), settings)
        async with AsyncExitStack() as closing:
            closing.callback(self._history.close)
            messages = MessageLog(producer_of(self._client), self._name(MESSAGES))
            closing.push_async_callback(asyncio.to_thread, messages.flush, FLUSH)
            dead_letters = consumer.DeadLetters(self._send, self._name(DEAD_LETTERS))
            desk = await self._desk(closing, messages, dead_letters)
            dispatcher = Dispatcher(
                endpoints=tuple(self._endpoints.values()),
                desk=desk,
                dead_letters=dead_letters,
                dashboard_url=str(settings.dashboard_url),
                count_event=EVENTS_READ.inc,
                count_unreadable=partial(self._meters[OTHER].gave_up, DeadReason.UNREADABLE.value),
            )
            breaker = Breaker.of(settings, dead_letters, faust_app.Partitions(app))
            settles: dict[str, consumer.Settle] = {
                source.name: partial(dispatcher.settle_row, decoder(registry, source), event_of)
                for source, event_of in rows.values()
            }
            settles |= {EVENTS: dispatcher.settle_event, RESENDS: dispatcher.settle_resend}
            for name, settle in settles.items():
                self._consume(app, name, settle, breaker)
            app.rebalances = Ownership(desk, {self._name(name) for name in settles})
            LAG.set_function(lambda: faust_app.lag(app))
            health.checks["records"] = breaker.status
            watch = closing.enter_context(watching(self._client, self._name(ALERTS.name)))
            health.checks["broker"] = watch.status
            try:
                async with asyncio.TaskGroup() as group:
                    group.create_task(self._keeper.run())
                    group.create_task(desk.run())
                    self._sending.set()
                    # Before that nobody knows who is disabled.
                    await self._keeper.ready()
                    health.checks["kafka"] = partial(_assigned, app, desk)
                    log.info("delivering", endpoints=list(self._endpoints))
                    await faust_app.run_until_crash(app, partial(self._leave, desk))
            except BaseExceptionGroup as crashed:
                raise crashed.exceptions[0] from crashed

    async def _prepare(self, registry: SchemaRegistry, rows: list[Topic]) -> None:
        """Wait for Kafka and the registry, create what is missing, and see that topics can be relied on."""
        settings = self._settings
        leading = self._name(ALERTS.name)
        names = [*(each.name for each in rows), EVENTS, RESENDS, JOBS, MESSAGES]

        def ensure() -> tuple[dict[str, int], dict[str, str]]:
            ensure_topics(self._client, rows, prefix=settings.topic_prefix)
            partitions = partition_counts(self._client, [leading])[leading]
            own = own_topics(settings.history_days, settings.history_bytes, partitions)
            ensure_topics(self._client, own, prefix=settings.topic_prefix)
            counts = partition_counts(self._client, map(self._name, names))
            return counts, cleanup_policies(self._client, [self._name(JOBS), self._name(ENDPOINTS)])

        counts, policies = await wait_for(f"Kafka at {settings.kafka_bootstrap_servers}", ensure)
        check_equal(counts, leading)
        check_kept(policies)
        await wait_for(f"registry at {registry.url}", partial(ensure_schemas, registry, rows))

    async def _desk(self, closing: AsyncExitStack, messages: MessageLog, dead_letters: consumer.DeadLetters) -> Desk:
        settings = self._settings
        appender = Appender(self._client)
        closing.push_async_callback(appender.close, FLUSH)
        journal = KafkaJournal(appender, self._client, self._name(JOBS), self._name(MESSAGES), self._name(GROUP))
        closing.push_async_callback(journal.close)
        receivers = {}
        for endpoint in self._endpoints.values():
            sender = Sender(
                endpoint,
                timeout=settings.timeout,
                connections=settings.concurrency,
                networks=settings.allowed_networks,
            )
            closing.push_async_callback(sender.close)
            receivers[endpoint.id] = Receiver(sender, settings.concurrency, endpoint.rate, endpoint.ordered)
        desk = Desk(
            receivers=receivers,
            schedule=Schedule(
                tuple(delay.total_seconds() for delay in settings.retry_delays),
                settings.retry_every.total_seconds(),
                settings.retry_for.total_seconds(),
            ),
            journal=journal,
            standing=self._standings,
            messages=messages,
            meters=lambda endpoint: self._meters.get(endpoint, self._meters[OTHER]),
            undertaker=Burial(dead_letters, self._name(JOBS)),
            queue_size=settings.queue_size,
        )
        closing.callback(desk.index.close)
        for name in self._endpoints:
            self._meters[name].watch(partial(_waiting, desk, name), partial(_overdue, desk, name))
        return desk

    async def _leave(self, desk: Desk) -> None:
        await desk.stop()
        with suppress(TimeoutError):
            async with asyncio.timeout(FLUSH):
                await self._keeper.flush()

    async def _tell(self, event: Event) -> None:
        await self._send(self._name(EVENTS), event.key.encode(errors="replace"), event.encode(), {})

    async def _send(self, topic: str, key: bytes | None, value: bytes | None, headers: dict[str, bytes]) -> None:
        await self._sending.wait()
        await faust_app.send(self._faust, topic, key, value, headers)

    def _consume(self, app: faust_app.SafeApp, name: str, settle: consumer.Settle, breaker: Breaker) -> None:
        in_flight = self._settings.max_in_flight

        async def agent(stream: Any) -> None:
            await consumer.settle_each(stream, settle, breaker, max_in_flight=in_flight)

        source = app.topic(
            self._name(name), key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw"
        )
        app.agent(source, name=f"settle-{name}")(agent)

    def _name(self, name: str) -> str:
        return self._settings.topic_prefix + name


def decoder(registry: SchemaRegistry, source: Topic) -> consumer.Decoder[Json, Json]:
    """Return what decodes a topic's records."""
    return consumer.Decoder(
        schema_id=codec.schema_id_of,
        look_up=registry.schema,
        decode=partial(codec.decode, reader=source.schema),
        transient=RegistryUnavailableError,
    )


def _assigned(app: faust_app.SafeApp, desk: Desk) -> CheckResult:
    if recovering := desk.recovering():
        return CheckResult(ok=False, detail=f"reading what waits in partitions {', '.join(map(str, recovering))}")
    return faust_app.assigned(app)


def _waiting(desk: Desk, endpoint: str) -> float:
    return desk.backlog(endpoint).jobs


def _overdue(desk: Desk, endpoint: str) -> float:
    return max(0.0, time.time() - desk.backlog(endpoint).oldest)
