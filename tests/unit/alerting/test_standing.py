"""Where endpoints stand: failing, disabled, enabled, and what every worker makes of what the others say."""

import json
from datetime import timedelta
from typing import Any

import pytest
from footfall_alerting.errors import UnknownEndpointError
from footfall_alerting.job import Job, webhook_id_of
from footfall_alerting.policy import Outcome, Result
from footfall_alerting.standing.standings import CALM, Standings
from footfall_alerting.standing.state import Standing, began, decode, enabled, hash_of, merged

URL = "https://shop.example/hook?token=secret"
DAY = 86_400.0
START = 1_800_000_000.0
OK = Outcome(Result.DELIVERED, 204, "HTTP 204")
DOWN = Outcome(Result.FAILED, 503, "HTTP 503", answer="busy")
GONE = Outcome(Result.GONE, 410, "HTTP 410")


def job(body: str = '{"type":"inventory.low"}') -> Job:
    return Job(
        webhook_id=webhook_id_of("shop", "a1"),
        endpoint="shop",
        event_id="a1",
        type="inventory.low",
        key="p1",
        sequence=1,
        event_time=START,
        body=body,
    )


class Worker:
    """Standings with a clock to be set."""

    def __init__(self, url: str = URL) -> None:
        self.now = START
        self.standings = Standings({"shop": url}, disable_after=timedelta(days=5), clock=lambda: self.now)

    @property
    def shop(self) -> Standing:
        return self.standings.endpoints["shop"]

    def sees(self, outcome: Outcome, after: float = 0.0, body: str = '{"type":"inventory.low"}') -> None:
        self.now = START + after
        self.standings.observe("shop", outcome, job(body))

    def tells(self) -> list[tuple[str, Any]]:
        """Send the news and return each type with its percent."""
        news = self.standings.news()
        for event in news:
            self.standings.sent(event)
        return [(event.type, event.data.get("percent")) for event in news]

    def writes(self) -> dict[str, Standing]:
        found = self.standings.to_write()
        for endpoint, standing in found.items():
            self.standings.written(endpoint, standing)
        return found

    def hears(self, standing: Standing) -> None:
        self.standings.take("shop", standing.encode())


@pytest.fixture
def worker() -> Worker:
    return Worker()


def test_the_way_to_being_disabled_is_told_at_half_and_near_its_end(worker: Worker) -> None:
    told = []
    for hours in range(0, 121, 6):
        worker.sees(DOWN, hours * 3600)
        told += worker.tells()

    assert told == [
        ("endpoint.failing", 50),
        ("endpoint.failing", 70),
        ("endpoint.failing", 90),
        ("endpoint.failing", 100),
        ("endpoint.disabled", None),
    ]
    assert worker.standings.is_disabled("shop")


def test_a_long_silence_tells_the_furthest_mark_alone(worker: Worker) -> None:
    worker.sees(DOWN)
    worker.sees(DOWN, 4 * DAY)

    assert worker.tells() == [("endpoint.failing", 70)]


def test_one_success_begins_the_way_anew(worker: Worker) -> None:
    worker.sees(DOWN)
    worker.sees(DOWN, 4 * DAY)
    worker.sees(OK, 4 * DAY + 1)
    worker.tells()
    worker.sees(DOWN, 4 * DAY + 2)
    worker.sees(DOWN, 6 * DAY)

    assert (worker.shop.state, worker.tells()) == ("failing", [])


def test_410_disables_at_once_and_says_so_alone(worker: Worker) -> None:
    worker.sees(GONE, 60)

    assert worker.tells() == [("endpoint.disabled", None)]
    assert (worker.shop.state, worker.shop.reason, worker.shop.since) == ("disabled", "HTTP 410", START + 60)


@pytest.mark.parametrize("outcome", [OK, DOWN, GONE, Outcome(Result.DISABLED)])
def test_what_still_comes_back_changes_nothing_of_a_disabled_one(worker: Worker, outcome: Outcome) -> None:
    worker.sees(GONE)
    before = worker.shop
    worker.tells()

    worker.sees(outcome, 9 * DAY)

    assert (worker.shop, worker.tells()) == (before, [])


def test_the_news_hold_topic_last_payload_and_last_answer(worker: Worker) -> None:
    worker.sees(DOWN)
    worker.sees(DOWN, 2.5 * DAY, body='{"type":"inventory.low","data":{"quantity":3}}')

    (event,) = worker.standings.news()
    assert event.data == {
        "endpoint": "shop",
        "percent": 50,
        "failing_since": "2027-01-15T08:00:00.000Z",
        "disabled_at": "2027-01-20T08:00:00.000Z",
        "event_type": "inventory.low",
        "webhook_id": webhook_id_of("shop", "a1"),
        "last_payload": {"type": "inventory.low", "data": {"quantity": 3}},
        "last_answer": {"status": 503, "detail": "HTTP 503", "body": "busy"},
    }
    assert (event.key, event.severity, event.time.timestamp()) == ("shop", "warning", START + 2.5 * DAY)


def test_a_long_payload_is_told_by_its_beginning(worker: Worker) -> None:
    body = json.dumps({"text": "x" * 19_000})
    worker.sees(GONE, body=body)

    (event,) = worker.standings.news()
    assert event.data["last_payload"] == body[:8000]


def test_two_workers_tell_of_the_same_under_the_same_id() -> None:
    first, second = Worker(), Worker()
    first.sees(DOWN)
    second.hears(first.writes()["shop"])
    for worker in (first, second):
        worker.sees(DOWN, 3 * DAY)
        worker.sees(GONE, 4 * DAY)

    ids = [[event.id for event in worker.standings.news()] for worker in (first, second)]
    assert ids[0] == ids[1]
    assert len(set(ids[0])) == 2


def test_what_one_worker_has_told_no_other_tells_again() -> None:
    first, second = Worker(), Worker()
    first.sees(DOWN)
    first.sees(DOWN, 3 * DAY)
    second.hears(first.writes()["shop"])

    second.sees(DOWN, 3 * DAY + 60)

    assert second.tells() == []


def test_another_failing_episode_has_ids_of_its_own(worker: Worker) -> None:
    ids = []
    for day in (0, 10, 20):
        worker.sees(DOWN, day * DAY)
        worker.sees(DOWN, (day + 3) * DAY)
        ids += [event.id for event in worker.standings.news()]
        worker.tells()
        worker.sees(OK, (day + 4) * DAY)

    assert len(set(ids)) == len(ids) == 3


def test_who_did_not_know_yet_that_it_is_disabled_cannot_enable_it_by_a_success() -> None:
    first, second = Worker(), Worker()
    second.sees(DOWN)
    second.writes()
    first.sees(GONE, 10)
    disabled = first.writes()["shop"]
    second.sees(OK, 11)
    overwriting = second.standings.endpoints["shop"]

    first.hears(overwriting)
    second.hears(disabled)

    assert first.shop == second.shop == disabled
    assert first.writes() == {"shop": disabled}, "the topic would keep what came last"


def test_enabling_wins_over_whatever_still_fails_elsewhere() -> None:
    first, second = Worker(), Worker()
    first.sees(GONE)
    second.hears(first.writes()["shop"])
    first.now += 60
    first.standings.enable("shop")
    back = first.writes()["shop"]
    old = second.shop

    second.hears(back)
    first.hears(old)

    assert first.shop == second.shop == back
    assert not first.standings.is_disabled("shop")


def test_nobody_enables_what_is_not_configured(worker: Worker) -> None:
    with pytest.raises(UnknownEndpointError):
        worker.standings.enable("shop-2")
    assert not worker.standings.is_disabled("shop-2")


def test_another_url_is_a_new_start() -> None:
    known = Standing("disabled", "HTTP 410", since=START, url_hash=hash_of(URL), round=3)
    same, other = Worker(), Worker("https://shop.example/new")
    for worker in (same, other):
        worker.standings.load("shop", known.encode())
        worker.standings.loaded()

    assert same.standings.is_disabled("shop")
    assert not other.standings.is_disabled("shop")
    assert other.writes()["shop"].round == 4
    assert same.writes() == {}


def test_a_worker_with_the_old_url_has_no_say_about_the_new_one() -> None:
    old, new = Worker(), Worker("https://shop.example/new")
    new.standings.load("shop", old.shop.encode())
    new.standings.loaded()
    old.hears(new.writes()["shop"])

    old.sees(GONE)

    assert (old.tells(), old.writes()) == ([], {})
    assert not old.standings.is_disabled("shop")


def test_an_endpoint_that_never_failed_needs_no_record(worker: Worker) -> None:
    worker.standings.loaded()
    worker.sees(OK)

    assert worker.standings.to_write(at_once=True) == {}
    assert not worker.standings.has_more


def test_one_that_fails_and_works_by_turns_is_written_every_few_seconds_only(worker: Worker) -> None:
    written = 0
    for tenth in range(100):
        worker.sees(DOWN if tenth % 2 == 0 else OK, tenth / 10)
        written += len(worker.writes())

    assert written <= 10 / CALM + 1
    worker.sees(GONE, 10.1)
    assert worker.writes()["shop"].is_disabled


def test_status_names_who_gets_nothing_and_stays_ready(worker: Worker) -> None:
    worker.sees(GONE)

    status = worker.standings.status()
    assert status.ok
    assert status.caution
    assert "shop is disabled since 2027-01-15T08:00:00.000Z (HTTP 410): footfall webhook enable shop" in status.detail
    assert "secret" not in status.detail


def test_status_tells_of_one_that_fails_for_a_while(worker: Worker) -> None:
    worker.sees(DOWN)
    assert not worker.standings.status().caution

    worker.now = START + 3600

    status = worker.standings.status()
    assert (status.ok, status.caution) == (True, True)
    assert status.detail == "shop fails since 2027-01-15T08:00:00.000Z (HTTP 503)"


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"[]",
        b"{",
        b'{"state":"maybe"}',
        b'{"since":"x"}',
        b'{"told":true}',
        b'{"round":-1}',
        b'{"since":1e300}',
        b'{"reason":1}',
    ],
)
def test_what_is_no_standing_is_none(value: bytes) -> None:
    assert decode(value) is None


def test_a_standing_survives_the_topic_and_fields_of_later_releases() -> None:
    standing = Standing("failing", "HTTP 503", START, START, 50, "ab", 2)
    later = json.dumps(json.loads(standing.encode()) | {"note": "new"}).encode()

    assert decode(standing.encode()) == decode(later) == standing


def test_all_workers_come_to_the_same_whatever_they_hear_first() -> None:
    failing = Standing("failing", "HTTP 503", START, START, 50, "ab")
    earlier = Standing("failing", "HTTP 500", START - 9, START - 9, 0, "ab")
    disabled = Standing("disabled", "HTTP 410", 0.0, START + 5, 0, "ab")
    again = enabled(disabled, START + 9)

    assert merged(failing, disabled) == merged(disabled, failing) == disabled
    assert merged(again, disabled) == merged(disabled, again) == again
    both = [merged(failing, earlier), merged(earlier, failing)]
    assert {(each.failing_since, each.told) for each in both} == {(START - 9, 50)}
    assert began(again, "ab", START + 10) == again
