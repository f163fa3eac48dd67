"""Records become jobs, or dead letters."""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

import pytest
from footfall_alerting.dispatch import Dispatcher
from footfall_alerting.errors import TopicsDisagreeError
from footfall_alerting.job import Job
from footfall_alerting.ownership import Ownership
from footfall_alerting.queue.burial import Burial
from footfall_alerting.sources import event_of_alert
from footfall_chassis.consumer import DeadLetters, Record
from footfall_schemas.codec import PoisonMessageError

from .examples import alert, endpoint, event, job

RECORD = Record("inventory-alerts", 3, 5, b"p1", b"bytes")


@dataclass
class Desk:
    """Remembers what is handed in."""

    jobs: list[tuple[int, Job]] = field(default_factory=list)
    again: list[tuple[int, Job]] = field(default_factory=list)
    owned: list[Any] = field(default_factory=list)
    sent: list[tuple[str, bytes | None, bytes | None, dict[str, bytes]]] = field(default_factory=list)
    counted: list[str] = field(default_factory=list)

    async def submit(self, partition: int, jobs: Collection[Job]) -> None:
        self.jobs += [(partition, each) for each in jobs]

    async def resend(self, partition: int, job: Job) -> None:
        self.again.append((partition, job))

    def assigned(self, partitions: Collection[int]) -> None:
        self.owned.append(set(partitions))

    async def send(self, topic: str, key: bytes | None, value: bytes | None, headers: dict[str, bytes]) -> None:
        self.sent.append((topic, key, value, headers))

    def dispatcher(self, *endpoints: Any) -> Dispatcher:
        return Dispatcher(
            endpoints=endpoints,
            desk=self,
            dead_letters=DeadLetters(self.send, "dead"),
            dashboard_url="http://localhost:8090/",
            count_event=lambda: self.counted.append("event"),
            count_unreadable=lambda: self.counted.append("unreadable"),
        )


async def decoded(_: Record) -> dict[str, Any]:
    return alert()


async def poison(_: Record) -> dict[str, Any]:
    raise PoisonMessageError("magic byte is 98, not 0")


async def test_an_alert_becomes_a_job_for_each_endpoint_that_wants_it() -> None:
    desk = Desk()
    others = endpoint("other.example"), endpoint("never.example", event_types=["inventory.recovered"])
    await desk.dispatcher(endpoint(), *others).settle_row(decoded, event_of_alert, RECORD)
    assert [(partition, each.endpoint) for partition, each in desk.jobs] == [(3, "shop-example"), (3, "other-example")]
    assert len({each.webhook_id for _, each in desk.jobs}) == 2
    assert len({each.body for _, each in desk.jobs}) == 1
    assert desk.counted == ["event"]


async def test_nobody_wants_it_and_it_is_settled() -> None:
    desk = Desk()
    await desk.dispatcher().settle_row(decoded, event_of_alert, RECORD)
    assert desk.jobs == []


async def test_what_cannot_be_read_is_a_dead_letter() -> None:
    desk = Desk()
    dispatcher = desk.dispatcher(endpoint())
    await dispatcher.settle_row(poison, event_of_alert, RECORD)
    await dispatcher.settle_event(RECORD)
    await dispatcher.settle_resend(RECORD)
    assert [(value, headers["stage"]) for _, _, value, headers in desk.sent] == [(b"bytes", b"decode")] * 3
    assert desk.counted == ["unreadable"] * 3
    assert desk.jobs == desk.again == []


async def test_alertings_own_events_are_told_to_others_than_whom_they_are_about() -> None:
    desk = Desk()
    about = event(id="f1", type="endpoint.failing", key="shop-example", product=None, category=None, warehouse=None)
    watching = [endpoint(host, event_types=["endpoint.failing"]) for host in ("shop.example", "watch.example")]
    await desk.dispatcher(*watching).settle_event(Record("alerting-events", 1, 0, None, about.encode()))
    assert [(partition, each.endpoint) for partition, each in desk.jobs] == [(1, "watch-example")]


async def test_a_job_that_is_asked_for_again_goes_to_the_desk() -> None:
    desk, again = Desk(), job().again("resend", 5.0)
    await desk.dispatcher().settle_resend(Record("alerting-resends", 2, 0, None, again.encode()))
    assert desk.again == [(2, again)]


async def test_a_dead_job_keeps_its_attempts_and_says_why() -> None:
    desk, dead = Desk(), job()
    await Burial(DeadLetters(desk.send, "dead"), "alerting-jobs").bury(dead, 3, "exhausted", "HTTP 500")
    ((topic, key, value, headers),) = desk.sent
    assert (topic, key, value) == ("dead", dead.webhook_id.encode(), dead.encode())
    assert (headers["error"], headers["source-partition"]) == (b"exhausted: HTTP 500", b"3")


def test_the_same_partitions_of_all_topics_are_owned() -> None:
    desk = Desk()
    ownership = Ownership(desk, {"a", "b"})  # type: ignore[arg-type]
    ownership.assigned({"a": {1, 2}, "b": {2, 1}, "other": {5}})
    ownership.assigned({})
    assert desk.owned == [{1, 2}, set()]
    with pytest.raises(TopicsDisagreeError, match="shared out unequally"):
        ownership.assigned({"a": {1}, "b": {2}})
