"""Checks the identities as windows become final, beside the job's supervisor and whatever becomes of Kafka."""

import threading
import time
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import structlog
from footfall_chassis.metrics import counter, gauge
from footfall_health.ask.offsets import Place

from footfall_analytics.integrity import accounts
from footfall_analytics.integrity.accounts import Accounts
from footfall_analytics.integrity.findings import Finding, Published, findings_of
from footfall_analytics.integrity.identities import WINDOWED, Identity
from footfall_analytics.integrity.ledger import KEPT, STREAMS, Ledger
from footfall_analytics.integrity.publisher import Publisher, ReplacedError
from footfall_analytics.integrity.rows import Row, Rows, ago
from footfall_analytics.planning.inputs import inputs
from footfall_analytics.planning.script import Script
from footfall_analytics.reading.ends import ends_of
from footfall_analytics.settings import AnalyticsSettings

PROGRESS = "progress"
SHOPPERS, STOCK_TABLE = "shop_events", "inventory_updates"
SLACK = timedelta(minutes=1)
"""Windows that begin so soon after the first row that is read are not checked: clocks of machines differ."""
PAUSE = 5.0
"""Seconds before the next try when Kafka or the registry does not answer."""
TIDIED = 10.0
"""Seconds between two times that what is old is forgotten."""
LAST_WORD = 2.0
"""Seconds that the end waits for a look that goes on."""

CHECKED = counter("footfall_integrity_checks_total", "Windows of identities between streams that were compared.")
BROKEN = gauge(
    "footfall_integrity_broken",
    "Windows of the last hour in which an identity between streams does not hold.",
    ("identity",),
)

log = structlog.get_logger()


class IntegrityChecker:
    """A thread of its own that reads the published streams, compares and publishes.

    Args:
        settings: Settings of analytics.
        views: The views that the job publishes.
        job: Name of the job in Flink.
    """

    def __init__(self, settings: AnalyticsSettings, views: Collection[str], job: str) -> None:
        self._settings = settings
        self._job = job
        published = {name for name in {*STREAMS, *accounts.TOPICS} if name.replace("-", "_") in views}
        self._identities = [each for each in WINDOWED if {each.left.topic, each.right.topic} <= published]
        # Of a job that leaves something out the accounts speak of what others may compute.
        self._has_accounts = set(accounts.TOPICS) <= published
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="integrity", daemon=True)
        for identity in (*WINDOWED, *accounts.IDENTITIES):
            BROKEN.labels(identity.name).set(0)

    def start(self) -> None:
        """Begin; returns at once."""
        if self._identities:
            self._thread.start()

    def stop(self) -> None:
        """Ask for the end; returns at once."""
        self._stopping.set()

    def join(self) -> None:
        """Wait for the end, but not for somebody who does not answer."""
        if self._thread.is_alive():
            self._thread.join(LAST_WORD)

    def _keep(self) -> None:
        is_away = False
        while not self._stopping.is_set():
            try:
                self._check()
            except ReplacedError as error:
                log.error("integrity is not checked any more", reason=str(error))  # noqa: TRY400
                return
            except Exception as error:  # noqa: BLE001  whatever it is: the job goes on, and it may pass
                if not is_away:
                    log.warning("integrity is not checked", reason=str(error) or repr(error))
                is_away = True
                self._stopping.wait(PAUSE)
            else:
                is_away = False

    def _check(self) -> None:
        """Check until asked to end, or until something has made what was read worthless."""
        settings, registry = self._settings, self._settings.registry()
        publisher = Publisher(settings.librdkafka(), registry, settings.topic_prefix, self._job)
        look = Look(settings, self._identities, self._job, has_accounts=self._has_accounts)
        rows = Rows(settings.librdkafka(), settings.topic_prefix, look.since, registry.schema, look.fields)
        try:
            while not self._stopping.is_set() and not look.is_void:
                for row in rows.read():
                    look.take(row)
                if findings := look.findings(rows):
                    publisher.publish(findings)
                    self._tell(findings)
                if look.tidy() or findings:
                    for name, number in look.broken().items():
                        BROKEN.labels(name).set(number)
        finally:
            rows.close()
            registry.close()

    def _tell(self, findings: Collection[Finding]) -> None:
        CHECKED.inc(len(findings))
        for finding in findings:
            if not finding.holds:
                row = finding.row()
                log.error(
                    "two streams disagree", **{name: str(value) for name, value in row.items() if name != "holds"}
                )


class Look:
    """What has been read since one moment, and what is to be said of it.

    Args:
        settings: Settings of analytics.
        identities: Those of windows that are checked.
        job: Name of the job in Flink.
        has_accounts: Whether those of what became of the messages are checked, too.
    """

    def __init__(
        self, settings: AnalyticsSettings, identities: Collection[Identity], job: str, *, has_accounts: bool
    ) -> None:
        self.is_void = False
        """Whether the job began anew: what was read is not what it computes now."""
        topics = {side.topic for each in identities for side in (each.left, each.right)}
        self.since: dict[str, datetime | None] = {name: ago(STREAMS[name].kept) for name in topics} | {PROGRESS: None}
        self.fields: Mapping[str, tuple[str, ...]] = {name: STREAMS[name].fields for name in topics} | {
            accounts.LATE: ("topic",),
            accounts.DEAD: ("topic",),
        }
        self._client = settings.librdkafka()
        self._prefix = settings.topic_prefix
        self._job = job
        self._ledger = Ledger(identities, ZoneInfo(settings.time_zone))
        for name in topics:
            begun = self.since[name]
            if begun:
                self._ledger.begin(name, begun + SLACK)
        self._accounts: Accounts | None = None
        if has_accounts:
            self.since |= {accounts.ACCOUNTS: None, accounts.LATE: ago(timedelta()), accounts.DEAD: ago(timedelta())}
            tables = {table: {self._prefix + name for name in names} for table, names in inputs().items()}
            self._accounts = Accounts(frozenset(tables[SHOPPERS]), next(iter(tables[STOCK_TABLE])))
        self._published = Published()
        self._tidied_at = float("-inf")
        self._until: datetime | None = None
        """Windows that end no later are final."""
        self._claimed: datetime | None = None
        """The same, when everything has been read that was there when it was claimed."""
        self._ends: dict[Place, int] | None = None
        """Where the topics ended after that; None: not asked yet."""

    def take(self, row: Row) -> None:
        """Take a row that was read."""
        if row.topic == PROGRESS:
            self._progress(row)
            return
        if row.value is None:
            return
        if row.topic in STREAMS:
            self._ledger.put(row.topic, row.value)
        if self._accounts and row.topic in accounts.TOPICS:
            self._accounts.put(row.topic, row.value, time.monotonic())

    def findings(self, rows: Rows) -> list[Finding]:
        """Return what is to be published now."""
        now = time.monotonic()
        found: list[Finding] = []
        if self._claimed and self._ends is None:
            # That of progress is among them: claims that were there at the start are all heard before one is believed.
            topics = [self._prefix + name for name in self.since]
            self._ends = ends_of(self._client, topics, committed=True)
        if self._claimed and self._ends is not None and rows.has_reached(self._ends):
            self._until, self._claimed = self._claimed, None
        if self._until:
            for identity, window in {*self._ledger.due(self._until), *self._published.again(now)}:
                if self._ledger.is_whole(identity, window):
                    found += self._published.news(identity, window, self._ledger.numbers(identity, window), now)
        if self._accounts and self._accounts.is_due(now) and self._all_is_read(rows):
            for identity, window, numbers in self._accounts.compare(ago(timedelta()), now):
                found += self._published.say(findings_of(identity, window, numbers))
        return found

    def tidy(self) -> bool:
        """Forget what is old, unless that was done a moment ago; tell whether it was done now."""
        if time.monotonic() - self._tidied_at < TIDIED:
            return False
        self._tidied_at, now = time.monotonic(), ago(timedelta())
        self._ledger.prune(now)
        self._published.prune(now - timedelta(hours=1))
        if self._accounts:
            self._accounts.prune(now - KEPT)
        return True

    def broken(self) -> dict[str, int]:
        """Return of each identity how many windows of the last hour do not hold."""
        numbers = dict.fromkeys((each.name for each in (*WINDOWED, *accounts.IDENTITIES)), 0)
        for finding in self._published.broken:
            numbers[finding.identity.name] += 1
        return numbers

    def _progress(self, row: Row) -> None:
        if row.key != self._job.encode():
            return
        self._ends = None
        if row.value is None:
            # Before anything was believed, it is of a run whose rows nobody has compared.
            self.is_void = self._until is not None
            self._claimed = None
        else:
            self._claimed = row.value["watermark"]

    def _all_is_read(self, rows: Rows) -> bool:
        """Tell whether nothing is on its way: everything that was written can be read, and has been."""
        written = ends_of(self._client, [self._prefix + name for name in accounts.TOPICS], committed=False)
        return rows.has_reached(written)


def checker_of(settings: AnalyticsSettings, script: Script) -> IntegrityChecker:
    """Return what checks the streams of a job."""
    return IntegrityChecker(settings, list(script.inserts), settings.name_in_flink)
