"""Flink's REST API as it answers, and as it fails."""

import httpx
import pytest
from footfall_analytics.running.rest import FlinkRest, FlinkUnavailableError


def client(answers: dict[str, object]) -> FlinkRest:
    def answer(request: httpx.Request) -> httpx.Response:
        found = answers.get(request.url.path)
        return httpx.Response(404) if found is None else httpx.Response(200, json=found)

    return FlinkRest("http://flink:8081", transport=httpx.MockTransport(answer))


def overview(name: str, state: str, start: int) -> dict[str, object]:
    return {
        "jid": f"{name}-{start}",
        "name": name,
        "state": state,
        "start-time": start,
        "tasks": {"running": 2, "total": 2},
    }


def test_jobs_of_the_name_come_oldest_first() -> None:
    jobs = [overview("footfall", "RUNNING", 200), overview("other", "RUNNING", 1), overview("footfall", "FAILED", 100)]

    found = client({"/jobs/overview": {"jobs": jobs}}).jobs("footfall")

    assert [(job.id, job.is_alive, job.is_up) for job in found] == [
        ("footfall-100", False, False),
        ("footfall-200", True, True),
    ]


def test_a_stop_is_pending_then_has_an_outcome() -> None:
    path = "/jobs/j/savepoints/r"

    assert client({path: {"status": {"id": "IN_PROGRESS"}}}).stop_outcome("j", "r") is None
    done = {"status": {"id": "COMPLETED"}, "operation": {"location": "file:/x"}}
    assert client({path: done}).stop_outcome("j", "r") == {"location": "file:/x"}


@pytest.mark.parametrize("status", [404, 500, 503])
def test_an_error_names_the_request(status: int) -> None:
    rest = FlinkRest("http://flink:8081", transport=httpx.MockTransport(lambda _: httpx.Response(status)))

    with pytest.raises(FlinkUnavailableError, match="GET http://flink:8081/jobs/overview"):
        rest.jobs("footfall")


def test_metrics_are_summed_over_vertices() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/jobs/j":
            return httpx.Response(200, json={"vertices": [{"id": "v1"}, {"id": "v2"}]})
        if "get" in request.url.params:
            return httpx.Response(200, json=[{"id": "op.numLateRecordsDropped", "sum": 2.0}])
        return httpx.Response(200, json=[{"id": "op.numLateRecordsDropped"}, {"id": "op.other"}])

    rest = FlinkRest("http://flink:8081", transport=httpx.MockTransport(answer))

    assert rest.metric_sums("j", "numLateRecordsDropped") == {"op.numLateRecordsDropped": 4.0}
