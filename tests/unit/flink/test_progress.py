"""What is said to be final: when it may be said, and that whoever is away keeps nobody from anything."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Self, cast

import pytest
from footfall_analytics.planning.script import build_script
from footfall_analytics.running.progress import (
    NO_WATERMARK,
    Checkpoint,
    Checkpoints,
    Claim,
    Sample,
    are_committed,
    checkpoints_of,
    claim,
    lowest,
    timed_vertices,
)
from footfall_analytics.running.progress_publisher import GIVEN_UP, ProgressPublisher
from footfall_analytics.running.rest import FlinkRest, FlinkUnavailableError, Job
from footfall_analytics.settings import AnalyticsSettings
from structlog.testing import capture_logs

RUN = ("one", 0)
SHOP = "Source: default_catalog.default_database.shop_events[1] -> Calc[2]"
MESSAGES = "Source: default_catalog.default_database.dimension_messages[9] -> Calc[10]"


def test_a_claim_waits_for_a_checkpoint_that_was_triggered_after_its_sample() -> None:
    sample = Sample(RUN, watermark=700, taken_at=1000)

    assert claim(sample, Checkpoints(RUN, None, 0)) is None
    assert claim(sample, Checkpoints(RUN, Checkpoint(4, 1000, 1400), 4)) is None
    assert claim(sample, Checkpoints(RUN, Checkpoint(5, 1001, 1400), 5)) == Claim(700, 5, 1400)


def test_what_a_run_had_reached_is_not_claimed_of_the_next_one() -> None:
    sample = Sample(RUN, watermark=700, taken_at=1000)

    assert claim(sample, Checkpoints(("one", 1100), Checkpoint(5, 1200, 1400), 5)) is None
    assert claim(sample, Checkpoints(("two", 0), Checkpoint(5, 1200, 1400), 5)) is None


def test_a_vertex_has_come_as_far_as_the_slowest_of_its_subtasks() -> None:
    assert lowest({0: 900, 1: 700}, 2) == 700
    assert lowest({0: 900}, 2) is None
    assert lowest({0: 900, 1: NO_WATERMARK}, 2) is None


def test_what_reads_a_table_without_event_time_has_no_watermark() -> None:
    def vertex(name: str, *inputs: str) -> tuple[dict[str, Any], dict[str, Any]]:
        return {"id": name[:1], "name": name, "parallelism": 2}, {"id": name[:1], "inputs": [{"id": i} for i in inputs]}

    pairs = [vertex("a window", "S"), vertex("b union", "M", "S"), vertex("c sink", "b")]
    pairs += [vertex(SHOP), ({"id": "M", "name": MESSAGES, "parallelism": 1}, {"id": "M"})]
    details = {"vertices": [one for one, _ in pairs], "plan": {"nodes": [node for _, node in pairs]}}

    assert timed_vertices(details, {"dimension_messages"}) == {"a": 2}
    assert timed_vertices(details, {"something_else"}) == {"a": 2, "b": 2, "c": 2}


def test_a_runs_state_holds_what_it_took_over_and_what_it_completed() -> None:
    restored = {"id": 7, "restore_timestamp": 900}
    completed = {"id": 9, "trigger_timestamp": 1000, "latest_ack_timestamp": 1200}

    assert checkpoints_of("j", {"latest": {"completed": None, "restored": None}}) == Checkpoints(("j", 0), None, 0)
    assert checkpoints_of("j", {"latest": {"completed": None, "restored": restored}}) == Checkpoints(
        ("j", 900), None, 7
    )
    assert checkpoints_of("j", {"latest": {"completed": completed, "restored": restored}}) == Checkpoints(
        ("j", 900), Checkpoint(9, 1000, 1200), 9
    )


def test_rows_can_be_read_when_every_partition_is_stable_up_to_its_end() -> None:
    assert are_committed({("t", 0): 5, ("t", 1): 0}, {("t", 0): 5, ("t", 1): 0})
    assert not are_committed({("t", 0): 5, ("t", 1): 0}, {("t", 0): 4, ("t", 1): 0})
    assert not are_committed({("t", 0): 5}, {})


@dataclass
class FakeFlink:
    """A cluster with one job of one source and two vertices behind it."""

    job_id: str = "one"
    state: str = "RUNNING"
    now: int = 10_000
    watermarks_now: dict[str, dict[int, int]] = field(default_factory=lambda: {"a": {0: 900, 1: 800}, "b": {0: 700}})
    completed: tuple[int, int, int] | None = (4, 9_000, 9_500)
    restored: tuple[int, int] | None = None
    restarted_at: int = 0
    away: bool = False

    def jobs(self, name: str) -> list[Job]:
        if self.away:
            raise FlinkUnavailableError("no answer")
        return [Job(self.job_id, name, self.state, datetime(2026, 1, 1, tzinfo=UTC), 4, 4)]

    def checkpoints(self, _: str) -> dict[str, Any]:
        if self.state != "RUNNING":
            raise FlinkUnavailableError("500")
        names = ("id", "trigger_timestamp", "latest_ack_timestamp")
        return {
            "latest": {
                "completed": self.completed and dict(zip(names, self.completed, strict=True)),
                "restored": self.restored and {"id": self.restored[0], "restore_timestamp": self.restored[1]},
            }
        }

    def details(self, _: str) -> dict[str, Any]:
        return {
            "now": self.now,
            "timestamps": {"RESTARTING": self.restarted_at},
            "vertices": [
                {"id": "S", "name": SHOP, "parallelism": 1},
                {"id": "a", "name": "window", "parallelism": 2},
                {"id": "b", "name": "sink", "parallelism": 1},
            ],
            "plan": {
                "nodes": [{"id": "S"}, {"id": "a", "inputs": [{"id": "S"}]}, {"id": "b", "inputs": [{"id": "a"}]}]
            },
        }

    def watermarks(self, _: str, vertex: str) -> dict[int, int]:
        return self.watermarks_now[vertex]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing to close."""


@dataclass
class FakeTopic:
    """A topic, and outputs of one partition."""

    claimed: Claim | None = None
    rows: list[Claim | None] = field(default_factory=list)
    end: int = 50
    stable: int = 50
    away: bool = False

    def last(self) -> Claim | None:
        return self.claimed

    def publish(self, claim: Claim | None) -> None:
        if self.away:
            raise FlinkUnavailableError("the broker is away")
        self.rows.append(claim)

    def ends(self, topics: Collection[str], *, committed: bool) -> dict[tuple[str, int], int]:
        return {(name, 0): self.stable if committed else self.end for name in topics}


@dataclass
class Scene:
    """A publisher and its surroundings."""

    flink: FakeFlink = field(default_factory=FakeFlink)
    topic: FakeTopic = field(default_factory=FakeTopic)
    seconds: float = 0.0

    def __post_init__(self) -> None:
        connect = cast("Callable[[], FlinkRest]", lambda: self.flink)
        self.publisher = ProgressPublisher(
            "footfall", ["counts"], set(), connect, self.topic, clock=lambda: self.seconds
        )

    def look(self, seconds: float = 0.5) -> None:
        self.seconds += seconds
        self.publisher.look(cast("FlinkRest", self.flink))

    def complete(self, number: int) -> None:
        """Have a checkpoint complete that is triggered now."""
        self.flink.now += 1000
        self.flink.completed = (number, self.flink.now, self.flink.now + 300)
        self.flink.now += 1000

    def sample(self) -> None:
        self.look()
        self.look(60)


def test_the_lowest_watermark_is_published_when_its_checkpoint_is_committed() -> None:
    scene = Scene()
    scene.sample()
    scene.look()
    assert scene.topic.rows == []

    scene.complete(5)
    scene.topic.end, scene.topic.stable = 60, 59
    scene.look()
    scene.topic.end = 90  # what is written after the checkpoint need not be waited for
    scene.look()
    assert scene.topic.rows == []

    scene.topic.stable = 60
    scene.look()

    assert scene.topic.rows == [Claim(700, 5, 11_300)]


def test_without_a_watermark_there_is_no_row() -> None:
    scene = Scene(FakeFlink(watermarks_now={"a": {0: 900, 1: 800}, "b": {0: NO_WATERMARK}}))

    scene.sample()
    for number in range(5, 9):
        scene.complete(number)
        scene.look()

    assert scene.topic.rows == []


def test_a_watermark_that_did_not_get_on_is_not_published_again() -> None:
    scene = Scene(topic=FakeTopic(claimed=Claim(700, 3, 1)))

    scene.sample()
    scene.complete(5)
    scene.look()
    scene.look()

    assert scene.topic.rows == []


def test_a_job_that_resumes_from_its_newest_state_keeps_what_was_claimed() -> None:
    scene = Scene(FakeFlink(completed=None, restored=(9, 500)), FakeTopic(claimed=Claim(800, 9, 1)))

    scene.sample()
    scene.complete(10)
    scene.look()
    scene.look()
    assert scene.topic.rows == []

    scene.flink.watermarks_now = {"a": {0: 900, 1: 900}, "b": {0: 900}}
    scene.look()
    scene.complete(11)
    scene.look()
    scene.look()
    assert [row and row.watermark for row in scene.topic.rows] == [900]


@pytest.mark.parametrize("restored", [None, (8, 500)])
def test_a_job_that_began_anew_from_older_state_has_no_row_until_it_has_come_to_something(
    restored: tuple[int, int] | None,
) -> None:
    scene = Scene(FakeFlink(completed=None, restored=restored), FakeTopic(claimed=Claim(800, 9, 1)))

    scene.look()
    assert scene.topic.rows == [None]

    scene.complete(1)
    scene.look(60)
    scene.complete(2)
    scene.look()
    scene.look()

    assert [row and row.watermark for row in scene.topic.rows] == [None, 700]


def test_after_a_restart_flinks_answers_are_not_believed_for_a_while() -> None:
    scene = Scene()
    scene.sample()
    scene.flink.restored, scene.flink.restarted_at = (4, 10_500), 10_400
    for number in range(5, 45):
        scene.complete(number)
        scene.look()
    assert scene.topic.rows == []

    scene.flink.watermarks_now["b"] = {0: 650}
    scene.look(30)
    scene.complete(50)
    scene.look()
    scene.look()

    assert [row and row.watermark for row in scene.topic.rows] == [650]


def test_a_job_is_not_believed_before_a_restart_of_it_could_be_seen() -> None:
    scene = Scene(FakeFlink(completed=None))

    scene.sample()
    scene.complete(1)
    scene.look()
    scene.look()

    assert scene.topic.rows == []


def test_ends_that_are_never_reached_are_given_up() -> None:
    scene = Scene()
    scene.sample()
    scene.complete(5)
    scene.topic.end, scene.topic.stable = 90, 10
    scene.look()
    scene.look(GIVEN_UP + 1)
    scene.topic.end = 10

    scene.look()
    scene.complete(6)
    scene.look()
    scene.look()

    assert [row and row.checkpoint_id for row in scene.topic.rows] == [6]


def test_a_broker_that_is_away_is_told_of_once_and_gets_the_row_when_it_is_back() -> None:
    scene = Scene()
    scene.sample()
    scene.complete(5)
    scene.look()
    scene.topic.away = True

    with capture_logs() as logs:
        for _ in range(3):
            scene.publisher.try_to_look(cast("FlinkRest", scene.flink))
        scene.topic.away = False
        scene.publisher.try_to_look(cast("FlinkRest", scene.flink))

    assert [line["event"] for line in logs] == ["progress is not published", "progress is published again"]
    assert len(scene.topic.rows) == 1


@pytest.mark.parametrize("state", ["INITIALIZING", "RESTARTING", "FAILED"])
def test_a_job_that_does_not_run_is_not_asked(state: str) -> None:
    Scene(FakeFlink(state=state)).look()


def test_the_thread_ends_when_it_is_asked_to_though_flink_is_away() -> None:
    scene = Scene(FakeFlink(away=True))

    scene.publisher.start()
    scene.publisher.stop()
    scene.publisher.join()

    assert not scene.publisher.is_alive


def test_tables_of_events_and_versions_have_event_time() -> None:
    script = build_script(AnalyticsSettings())
    sources = {name for name in script.tables if not name.endswith("_sink")}

    assert {name for name in sources if "WATERMARK FOR" not in script.tables[name]} == {"dimension_messages"}
