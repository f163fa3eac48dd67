"""The few calls Footfall makes to Flink's REST API."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import httpx
from footfall_schemas.direct import direct_transport
from footfall_schemas.errors import TransientError

from footfall_analytics.flink_uri import flink_uri

ALIVE = {"INITIALIZING", "CREATED", "RUNNING", "RESTARTING", "RECONCILING", "FAILING", "CANCELLING", "SUSPENDED"}
"""States of a job that may still write."""


class FlinkUnavailableError(TransientError):
    """The cluster did not answer, or not as it should."""


@dataclass(frozen=True)
class Job:
    """One job as the overview lists it."""

    id: str
    name: str
    state: str
    started: datetime
    tasks_running: int
    tasks_total: int

    @property
    def is_alive(self) -> bool:
        """Whether it may still write."""
        return self.state in ALIVE

    @property
    def is_up(self) -> bool:
        """Whether every task runs."""
        return self.state == "RUNNING" and self.tasks_running == self.tasks_total > 0


class FlinkRest:
    """Client of one cluster.

    Args:
        url: Such as http://localhost:8081.
        timeout: Seconds one request may take.
    """

    def __init__(self, url: str, *, timeout: float = 10.0, transport: httpx.BaseTransport | None = None) -> None:
        self.url = url.rstrip("/")
        self._http = httpx.Client(base_url=self.url, timeout=timeout, transport=transport or direct_transport())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def jobs(self, name: str) -> list[Job]:
        """Return the jobs of this name, oldest first."""
        return [job for job in self.all_jobs() if job.name == name]

    def all_jobs(self) -> list[Job]:
        """Return every job that the cluster remembers, oldest first."""
        found = map(_job, self._call("GET", "/jobs/overview")["jobs"])
        return sorted(found, key=lambda job: job.started)

    def free_slots(self) -> int:
        """Return how many slots wait for work."""
        return int(self._call("GET", "/overview")["slots-available"])

    def checkpoint_config(self, job_id: str) -> dict[str, Any]:
        """Return how the job checkpoints."""
        return self._call("GET", f"/jobs/{job_id}/checkpoints/config")

    def completed_checkpoints(self, job_id: str) -> int:
        """Return how many checkpoints the job has completed since it started."""
        return int(self.checkpoints(job_id)["counts"]["completed"])

    def checkpoints(self, job_id: str) -> dict[str, Any]:
        """Return counts, sizes and durations of the job's checkpoints."""
        return self._call("GET", f"/jobs/{job_id}/checkpoints")

    def details(self, job_id: str) -> dict[str, Any]:
        """Return the job's `vertices`, its `plan`, and `now`, the JobManager's clock in milliseconds of 1970."""
        return self._call("GET", f"/jobs/{job_id}")

    def watermarks(self, job_id: str, vertex_id: str) -> dict[int, int]:
        """Return by subtask the watermark that a vertex has read, in milliseconds of 1970; a source has none."""
        found = self._list(f"/jobs/{job_id}/vertices/{vertex_id}/watermarks")
        return {int(each["id"].partition(".")[0]): int(each["value"]) for each in found}

    def restarts(self, job_id: str) -> int:
        """Return how often the job has failed and started again since it was submitted."""
        history = self._call("GET", f"/jobs/{job_id}/exceptions").get("exceptionHistory", {})
        return len(history.get("entries", []))

    def running_seconds(self, job_id: str) -> float:
        """Return how long a finished job ran, from its first scheduling to its end."""
        times = self._call("GET", f"/jobs/{job_id}")["timestamps"]
        return float(times["FINISHED"] - times["RUNNING"]) / 1000

    def metric_sums(self, job_id: str, suffix: str) -> dict[str, float]:
        """Return every task metric whose name ends so, summed over subtasks."""
        found: dict[str, float] = {}
        for vertex in self._call("GET", f"/jobs/{job_id}")["vertices"]:
            path = f"/jobs/{job_id}/vertices/{vertex['id']}/subtasks/metrics"
            names = [item["id"] for item in self._list(path) if item["id"].endswith(suffix)]
            for start in range(0, len(names), 20):
                for item in self._list(path, get=",".join(names[start : start + 20])):
                    found[item["id"]] = found.get(item["id"], 0) + item["sum"]
        return found

    def root_exception(self, job_id: str) -> str:
        """Return the first lines of what failed the job, or nothing."""
        entries = self._call("GET", f"/jobs/{job_id}/exceptions").get("exceptionHistory", {}).get("entries", [])
        causes = [line for entry in entries[:1] for line in entry["stacktrace"].splitlines()]
        return "\n".join([*causes[:1], *(line for line in causes[1:] if line.startswith("Caused by"))])

    def cancel(self, job_id: str) -> None:
        """Ask the job to end; its last checkpoint is kept."""
        self._call("PATCH", f"/jobs/{job_id}")

    def stop(self, job_id: str, savepoints: Path, *, drain: bool = False) -> str:
        """Ask the job to end with a savepoint and return the request's id.

        Args:
            job_id: The job.
            savepoints: Directory for the savepoint.
            drain: Close every window first; for input that will not go on.
        """
        body = {"targetDirectory": flink_uri(savepoints), "drain": drain}
        return str(self._call("POST", f"/jobs/{job_id}/stop", body)["request-id"])

    def stop_outcome(self, job_id: str, request_id: str) -> dict[str, Any] | None:
        """Return what became of a stop: None while it goes on, then its `location` or `failure-cause`."""
        answer = self._call("GET", f"/jobs/{job_id}/savepoints/{request_id}")
        return answer.get("operation", {}) if answer["status"]["id"] == "COMPLETED" else None

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        answer = self._request(method, path, body)
        return answer if isinstance(answer, dict) else {}

    def _list(self, path: str, **query: str) -> list[dict[str, Any]]:
        answer = self._request("GET", path, query=query)
        return answer if isinstance(answer, list) else []

    def _request(
        self, method: str, path: str, body: dict[str, Any] | None = None, query: dict[str, str] | None = None
    ) -> Any:
        try:
            response = self._http.request(method, path, json=body, params=query or None).raise_for_status()
            return response.json() if response.content else {}
        except (httpx.HTTPError, ValueError) as error:
            raise FlinkUnavailableError(f"{method} {self.url}{path}: {error!r}") from error


def _job(item: dict[str, Any]) -> Job:
    return Job(
        id=item["jid"],
        name=item["name"],
        state=item["state"],
        started=datetime.fromtimestamp(item["start-time"] / 1000, UTC),
        tasks_running=item["tasks"]["running"],
        tasks_total=item["tasks"]["total"],
    )
