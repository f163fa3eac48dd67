"""Faust without its known ways to lose a message.

`build_app` returns an application whose consumer reads committed records only, never commits past an unsettled
message, and ends the process when an agent raises. Agents settle records with `footfall_chassis.consumer`, so none does
because of a record.
"""

import asyncio
import logging
import math
import ssl
from collections.abc import Awaitable, Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any, Protocol

import faust
import mode
import structlog
from aiokafka.errors import MessageSizeTooLargeError
from faust.transport.drivers import aiokafka as driver
from faust.types import TP
from footfall_schemas.errors import PermanentError, TransientError

from footfall_chassis.foreign_records import tolerate_foreign_records
from footfall_chassis.health import CheckResult
from footfall_chassis.records import Record
from footfall_chassis.settings import ConnectionSettings

TESTED_FAUST = "0.15.3"
"""The fixes below reach into Faust, so another version must pass their tests first."""
SEND_PAUSE = 1.0
"""Seconds before a failed send is tried again."""

# Classes of mode log under the name of their own module; these are Faust's words, not ours.
_FAUST_LOG = logging.getLogger("faust.app")

log = structlog.get_logger(__name__)


class UntestedFaustError(PermanentError):
    """The installed Faust is not the one the fixes were tested with."""


class WorkerStoppedError(TransientError):
    """The Faust worker ended by itself: an agent or the connection to Kafka crashed."""


class Rebalances(Protocol):
    """Is told when partitions come and go."""

    async def leaving(self) -> None:
        """Settle what is under way: all partitions may become others'. Until `assigned` nobody knows whose they are."""

    def assigned(self, partitions: Mapping[str, AbstractSet[int]]) -> None:
        """Go on with these partitions of each topic, which may be those of before.

        What was read before is read again, and acknowledging it changes nothing any more.
        """


class _CommittedThread(driver.AIOKafkaConsumerThread):
    logger = _FAUST_LOG

    def _create_worker_consumer(self, transport: Any) -> Any:
        consumer = super()._create_worker_consumer(transport)
        # Faust asks for this only in exactly-once mode, and so reads what a dead Flink job took back.
        consumer._isolation_level = "read_committed"  # noqa: SLF001
        return consumer


class SafeConsumer(driver.Consumer):
    """Faust's consumer with bookkeeping of its own for what may be committed.

    Faust's commits past a message that is not acknowledged when the ones behind it are, and stops committing where a
    transaction's marker or an aborted record leaves a gap. Records of one assignment arrive in order, so what is
    missing between them never existed, and every offset below the lowest one in hand is settled.
    """

    logger = _FAUST_LOG

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._barriers: dict[Any, int] = {}
        super().__init__(*args, **kwargs)

    def _new_consumer_thread(self) -> Any:
        return _CommittedThread(self, loop=self.loop, beacon=self.beacon)

    def ack(self, message: Any) -> bool:
        """Note that a message is settled, unless it was read before the last rebalance and so will be read again."""
        if message.generation_id == self.app.consumer_generation_id:
            noted: bool = super().ack(message)
            return noted
        message.acked = True
        self._unacked_messages.discard(message)
        return False

    async def on_partitions_revoked(self, revoked: Any) -> None:
        """Let what is under way be settled, and commit that, before anybody else may get the partitions."""
        if (watcher := self.app.rebalances) is not None and not self.app.should_stop:
            await watcher.leaving()
            await self.commit()
        await super().on_partitions_revoked(revoked)

    async def on_partitions_assigned(self, assigned: Any, generation_id: int = 0) -> None:
        """Forget what the previous assignment acknowledged while this one was made."""
        self._acked.clear()
        self._acked_index.clear()
        self._barriers.clear()
        self._paused_partitions.clear()
        if (watcher := self.app.rebalances) is not None:
            # Before the first record of this assignment comes.
            watcher.assigned(by_topic(assigned))
        await super().on_partitions_assigned(assigned, generation_id)

    def committed(self, tp: Any) -> int:
        """Return the offset up to which a partition is settled, as far as this consumer knows."""
        return int(self._committed_offset.get(tp) or 0)

    def hold(self, tp: Any, offset: int) -> None:
        """Fetch no more of a partition and commit nothing from this offset on, until the next assignment."""
        self._barriers[tp] = min(offset, self._barriers.get(tp, offset))
        self.pause_partitions([tp])

    def on_buffer_drop(self, tp: Any) -> None:
        """Fetch a partition again whose stream has room, unless it is paused."""
        super().on_buffer_drop(tp)
        self._active_partitions.difference_update(self._paused_partitions)

    async def _add_gap(self, tp: Any, offset_from: int, offset_to: int) -> None:
        """Remember nothing: `_new_offset` needs no gaps, and nobody else would ever forget them."""

    def _new_offset(self, tp: Any) -> int | None:
        """Return the offset to commit: behind the highest settled one that has no unsettled one below it."""
        pending = (message.offset for message in list(self._unacked_messages) if message.tp == tp and not message.acked)
        low = min(min(pending, default=math.inf), self._barriers.get(tp, math.inf))
        acked = self._acked[tp]
        settled = [offset for offset in acked if offset < low]
        if not settled:
            return None
        acked[:] = [offset for offset in acked if offset > low]
        self._acked_index[tp].difference_update(settled)
        return int(max(settled)) + 1


class _Transport(driver.Transport):
    Consumer = SafeConsumer


class SafeApp(faust.App):
    """Faust's application on the safe transport; it keeps nothing on disk."""

    rebalances: Rebalances | None = None
    """Told of rebalances, if anybody wants to be."""

    logger = _FAUST_LOG

    def _new_transport(self) -> Any:
        return _Transport(self.conf.broker_consumer, self)

    def _create_directories(self) -> None:
        """Faust makes a folder for tables; there are none."""


def build_app(group: str, connection: ConnectionSettings, **options: Any) -> SafeApp:
    """Return an application that consumes as `group`.

    Raises:
        UntestedFaustError: Another Faust is installed than the one tested.
    """
    if faust.__version__ != TESTED_FAUST:
        raise UntestedFaustError(f"Faust {faust.__version__} is installed, only {TESTED_FAUST} is tested")
    tolerate_foreign_records()
    defaults = {
        "broker": [f"kafka://{server.strip()}" for server in connection.kafka_bootstrap_servers.split(",")],
        "broker_credentials": credentials(connection),
        "agent_supervisor": mode.CrashingSupervisor,
        "consumer_auto_offset_reset": "earliest",
        "broker_commit_interval": 0.5,
        # A topic whose stream is full is paused, but what was fetched with it must still fit into the stream's buffer:
        # otherwise every topic waits for this one.
        "broker_max_poll_records": 100,
        "broker_heartbeat_interval": 3,
        "broker_session_timeout": 10,
        "producer_acks": -1,
        "stream_wait_empty": False,
        "topic_allow_declare": False,
        "topic_disable_leader": True,
        "store": "memory://",
        "web_enabled": False,
    }
    return SafeApp(group, **(defaults | options))


async def run_until_crash(app: SafeApp, before_stop: Callable[[], Awaitable[None]] | None = None) -> None:
    """Run the worker; cancelling is the one orderly way to end it.

    Args:
        app: The worker.
        before_stop: Settles what is under way, while records can still be acknowledged.

    Raises:
        WorkerStoppedError: It crashed; the cause is chained.
    """
    app.finalize()
    try:
        await app.start()
        await app.wait_until_stopped()
        raise WorkerStoppedError(repr(app.crash_reason)) from app.crash_reason
    finally:
        if before_stop is not None:
            await before_stop()
        await app.stop()


async def send(app: SafeApp, topic: str, key: bytes | None, value: bytes | None, headers: dict[str, bytes]) -> None:
    """Append a record and return when every in-sync replica has it, however long the broker is away.

    Raises:
        MessageSizeTooLargeError: No attempt can ever succeed.
    """
    while True:
        try:
            queued = await app.send(
                topic, key=key, value=value, headers=headers, key_serializer="raw", value_serializer="raw"
            )
            # Faust writes a traceback about a record that is cancelled.
            await asyncio.shield(queued)
        except MessageSizeTooLargeError:
            raise
        except Exception as error:  # noqa: BLE001  the client raises many kinds while a broker is away
            log.warning("send failed", topic=topic, error=repr(error))
            await asyncio.sleep(SEND_PAUSE)
        else:
            return


@dataclass(frozen=True)
class Partitions:
    """The partitions of this worker, as `footfall_chassis.breaker` wants them."""

    app: SafeApp

    @property
    def generation(self) -> int:
        """Number of the assignment."""
        return int(self.app.consumer_generation_id)

    def pause(self, record: Record) -> None:
        """Read no more of the record's partition, and commit nothing from this record on, until the next rebalance."""
        self.app.consumer.hold(TP(record.topic, record.partition), record.offset)


def by_topic(assigned: Iterable[TP]) -> dict[str, set[int]]:
    """Return the partitions of each topic."""
    found: dict[str, set[int]] = {}
    for topic, partition in assigned:
        found.setdefault(topic, set()).add(partition)
    return found


def assigned(app: SafeApp) -> CheckResult:
    """Tell whether the worker has joined its group and is not rebalancing."""
    if app.rebalancing:
        return CheckResult(ok=False, detail="rebalancing")
    if not app.rebalancing_count:
        return CheckResult(ok=False, detail="has not joined its consumer group yet")
    return CheckResult(ok=True, detail=f"{len(app.consumer.assignment())} partitions assigned")


def lag(app: SafeApp) -> float:
    """Return how many records of the worker's partitions are not settled yet, as far as it knows."""
    if not app.rebalancing_count:
        return 0
    ends = {tp: app.consumer.highwater(tp) for tp in app.consumer.assignment()}
    return float(sum(max(0, (end or 0) - app.consumer.committed(tp)) for tp, end in ends.items()))


def credentials(connection: ConnectionSettings) -> faust.types.auth.CredentialsT | None:
    """Return the connection's credentials in Faust's words; None for plain text."""
    protocol = connection.kafka_security_protocol
    context = ssl.create_default_context(cafile=connection.kafka_ssl_ca_location or None) if "SSL" in protocol else None
    if protocol.startswith("SASL"):
        return faust.SASLCredentials(
            username=connection.kafka_sasl_username,
            password=connection.kafka_sasl_password.get_secret_value(),
            mechanism=connection.kafka_sasl_mechanism,
            ssl_context=context if protocol == "SASL_SSL" else None,
        )
    return faust.SSLCredentials(context) if protocol == "SSL" else None
