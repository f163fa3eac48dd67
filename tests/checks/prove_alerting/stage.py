"""Where a scenario plays: topics of its own, receivers of every kind, and what has become of each webhook."""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from footfall_alerting.job import Job, Message, decode_job, decode_message, webhook_id_of

from checks.prove.verdict import Verdict, compared
from checks.prove_alerting.workers import WAREHOUSES, Alerts
from support import node
from support.kafka import read_raw
from support.receivers import DELIVERED, GONE, KINDS, Receivers, id_of

TIMEOUT = 5.0
"""Seconds of an attempt: no time in which a busy machine keeps a whole process waiting."""
EVERY = 45.0
"""Seconds between a job's later attempts."""
LASTS = 180.0
"""Seconds from a job's first attempt to its last: three times what a receiver that recovers needs."""
SLOW = {"429 with seconds", "429 with a date", "hang", "headers in drops", "body in drops", "1 GB body"}
"""They take or ask for a second or more for each webhook: they want the alerts of one warehouse."""
SOME = 5
"""Of so many warehouses are the alerts that other failing receivers want: each of them is attempted again and again."""

Say = Callable[[str], None]


@dataclass
class Stage:
    """One scenario's topics and settings."""

    name: str
    env: Mapping[str, str]
    folder: Path
    receivers: Receivers
    kinds: tuple[str, ...] = tuple(KINDS)

    @property
    def prefix(self) -> str:
        return self.name.replace(" ", "-") + "-"

    @property
    def kafka(self) -> str:
        return self.env["KAFKA_BOOTSTRAP_SERVERS"]

    @property
    def log(self) -> Path:
        return self.folder / f"{self.prefix}alerting.log"

    def alerts(self) -> Alerts:
        return Alerts(self.kafka, self.env["SCHEMA_REGISTRY_URL"], self.prefix)

    def settings(self) -> dict[str, str]:
        """Return the variables of a worker."""
        wanted = {id_of(kind): warehouses_of(kind) for kind in self.kinds}
        listed = [each for each in self.receivers.endpoints() if each["id"] in wanted]
        endpoints = [
            each | ({"warehouses": wanted[each["id"]]} if len(wanted[each["id"]]) < WAREHOUSES else {})
            for each in listed
        ]
        return {
            **self.env,
            "ALERTING_TOPIC_PREFIX": self.prefix,
            "ALERTING_ENDPOINTS": json.dumps(endpoints),
            "ALERTING_ALLOW_HTTP": "true",
            "ALERTING_ALLOWED_NETWORKS": "127.0.0.0/8,::1/128",
            "ALERTING_TIMEOUT": f"{TIMEOUT:.0f}s",
            "ALERTING_RETRY_DELAYS": "1s,4s",
            "ALERTING_RETRY_EVERY": f"{EVERY:.0f}s",
            "ALERTING_RETRY_FOR": f"{LASTS:.0f}s",
        }

    def wanted(self, alerts: Alerts) -> dict[str, set[str]]:
        """Return the webhook ids that must be settled, by kind of receiver."""
        return {
            kind: {
                webhook_id_of(id_of(kind), alert)
                for alert, warehouse in alerts.warehouses.items()
                if warehouse in warehouses_of(kind)
            }
            for kind in self.kinds
        }

    def dead(self) -> tuple[dict[str, list[tuple[Job, str]]], list[str]]:
        """Return dead jobs and reasons by webhook id, and what else is among the dead letters."""
        found, others = defaultdict[str, list[tuple[Job, str]]](list), []
        for letter in read_raw(self.kafka, self.prefix + "alerting-dead-letters"):
            headers = dict(letter.headers() or [])
            if headers["stage"] != b"deliver":
                others.append(headers["error"].decode(errors="replace"))
                continue
            job = decode_job(letter.value())
            found[job.webhook_id].append((job, headers["error"].decode(errors="replace").partition(":")[0]))
        return dict(found), others

    def left(self, alerts: Alerts) -> int:
        """Return how many webhooks are neither delivered nor dead."""
        dead = self.dead()[0].keys()
        return sum(
            len([each for each in ids if each not in dead and each not in self.receivers.accepted[kind]])
            for kind, ids in self.wanted(alerts).items()
        )

    def signatures_by_node(self) -> Verdict:
        """Return what Node's reference library says of every request that came."""
        came = [(kind, each) for kind in self.kinds for each in self.receivers.requests[kind]]
        try:
            faults = node.faults([each for _, each in came], self.receivers.secret)
        except LookupError as missing:
            return compared(self.name, f"signatures by Node: not checked ({missing})", 0, {})
        wrong = [f"{kind}: {fault}" for (kind, _), fault in zip(came, faults, strict=True) if fault]
        return compared(self.name, "signatures by Node", len(came), {"": wrong})

    def messages(self) -> dict[str, Message]:
        """Return what is known of each webhook in the end, by its id."""
        records = read_raw(self.kafka, self.prefix + "alerting-messages")
        return {message.job.webhook_id: message for message in (decode_message(each.value()) for each in records)}

    def first_attempts(self, kind: str) -> list[float]:
        """Return how many seconds after their events the first attempts at a receiver began, as the workers noted."""
        jobs = [message.job for message in self.messages().values()]
        return [job.attempts[0].at - job.event_time for job in jobs if job.endpoint == id_of(kind) and job.attempts]

    def judge(self, alerts: Alerts, *, exact: bool) -> tuple[list[Verdict], int]:
        """Return what holds, and how many requests came besides those that had to.

        Args:
            alerts: What was appended.
            exact: Whether nobody was killed, so that no attempt may have been made twice.
        """
        dead, others = self.dead()
        wanted, messages = self.wanted(alerts), self.messages()
        wrong: dict[str, list[str]] = defaultdict(list)
        repeated = 0
        for kind, ids in wanted.items():
            accepted = self.receivers.accepted[kind]
            came = Counter(request.webhook_id for request in self.receivers.requests[kind])
            wrong["a webhook-id that no alert has"] += [f"{kind}: {each}" for each in came.keys() - ids]
            for each in ids:
                ends = dead.get(each, [])
                if each not in accepted and not ends:
                    wrong["neither delivered nor dead"].append(f"{kind}: {each}")
                wrong["dead for another reason"] += [
                    f"{kind}: {each}: {reason}: {job.attempts[-1:]}"
                    for job, reason in ends
                    if reason not in reasons_of(kind)
                ]
                again = max(0, came[each] - attempts_of(messages.get(each)))
                repeated += again
                if exact and again:
                    wrong["attempted more often than noted"].append(
                        f"{kind}: {each}: {came[each]} times, {again} too many"
                    )
        rows = sum(map(len, wanted.values()))
        newest = {each.key(): each.value() for each in read_raw(self.kafka, self.prefix + "alerting-jobs")}
        left = [repr(key) for key, value in newest.items() if value is not None]
        return [
            compared(self.name, "webhooks", rows, wrong),
            compared(self.name, "signatures", sum(map(len, self.receivers.requests.values())), {"": self.invalid()}),
            self.signatures_by_node(),
            compared(self.name, "dead letters that are no jobs", len(others), {"": others}),
            compared(self.name, "jobs that are left", len(newest), {"": left}),
        ], repeated

    def invalid(self) -> list[str]:
        """Return what the reference library refuses."""
        return self.receivers.invalid()


def attempts_of(message: Message | None) -> int:
    """Return how many attempts a webhook took, as its message says."""
    return message.job.attempted + (message.status == "delivered") if message else 0


def warehouses_of(kind: str) -> list[str]:
    """Return the warehouses whose alerts a receiver wants."""
    if kind in SLOW:
        count = 1
    elif KINDS[kind].becomes in {DELIVERED, GONE} and not KINDS[kind].recovers:
        count = WAREHOUSES
    else:
        count = SOME
    return [f"W{number}" for number in range(count)]


def reasons_of(kind: str) -> set[str]:
    """Return the reasons for which a receiver's webhooks may be dead letters."""
    becomes = KINDS[kind].becomes
    return {"gone", "disabled"} if becomes == GONE else set() if becomes == DELIVERED else {becomes}
