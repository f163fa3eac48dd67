"""`/health/ready` of the core says what `footfall status` says."""

from dataclasses import replace

import httpx
import pytest
from footfall_analytics.running.web import FRESH, FactsHealth, serve
from footfall_chassis.http import PortUnavailableError
from footfall_health.observed import Observation, Silence
from footfall_health.watched import Watched
from footfall_stack.ports import choose

from support.health import ACCOUNTS, FINE, WATCHED, seen, seen_job


class Looks:
    """Looks that are prepared, and how many were taken."""

    def __init__(self, *observations: Observation) -> None:
        self.taken = 0
        self._observations = observations

    def __call__(self, _: Watched) -> Observation:
        self.taken += 1
        return self._observations[min(self.taken, len(self._observations)) - 1]


def ready(observation: Observation) -> tuple[int, dict[str, dict[str, object]]]:
    (port,) = choose(1)
    serve(FactsHealth(WATCHED, Looks(observation)), "127.0.0.1", port)
    answer = httpx.get(f"http://127.0.0.1:{port}/health/ready")
    return answer.status_code, answer.json()["checks"]


def test_a_shop_in_which_everything_is_fine_is_ready() -> None:
    status, checks = ready(FINE)

    assert status == 200
    assert checks["job footfall"] == {"ok": True, "detail": "runs, 100 of 100 tasks run, for 60 min", "caution": False}


def test_what_is_wrong_is_said_with_its_cure() -> None:
    status, checks = ready(seen(broker=Silence("no answer within 1.5 s")))

    assert status == 503
    assert [name for name, check in checks.items() if not check["ok"]] == ["kafka"]
    assert "broker:9092 does not answer" in str(checks["kafka"]["detail"])
    assert " -> start it again" in str(checks["kafka"]["detail"])


def test_a_job_that_is_being_deployed_is_not_ready() -> None:
    status, checks = ready(seen_job(started=FINE.at - 5, running=3))

    assert (status, checks["job footfall"]["ok"]) == (503, False)


def test_a_warning_is_ready() -> None:
    assert ready(seen_job(completed=FINE.at - 40))[0] == 200


def test_what_others_send_late_or_unreadable_does_not_make_the_core_unready() -> None:
    now = replace(ACCOUNTS.now[0], dead=800)

    status, checks = ready(seen(accounts=replace(ACCOUNTS, now=(now,))))

    assert status == 200
    assert "800 of 1,808" in str(checks["dead letters clickstream"]["detail"])


def test_many_who_ask_cost_one_look(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [100.0]
    monkeypatch.setattr("footfall_analytics.running.web.time.monotonic", lambda: clock[0])
    looks = Looks(FINE, seen_job(state="FAILED"))
    health = FactsHealth(WATCHED, looks)

    first = [health.look(), health.look()]
    clock[0] += FRESH
    later = health.look()

    assert (looks.taken, first[0]) == (2, first[1])
    assert (first[0]["job footfall"].ok, later["job footfall"].ok) == (True, False)


def test_a_port_that_is_taken_is_an_error() -> None:
    (port,) = choose(1)
    serve(FactsHealth(WATCHED, Looks(FINE)), "127.0.0.1", port)

    with pytest.raises(PortUnavailableError, match=str(port)):
        serve(FactsHealth(WATCHED, Looks(FINE)), "127.0.0.1", port)
