"""One project of docker compose, under a name and on ports of its own."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from support.kafka import wait_until
from support.repository import ROOT

UP_WITHIN = 600
"""Seconds until everything must be healthy, on a machine that is busy otherwise."""


@dataclass(frozen=True)
class Containers:
    """The project.

    Args:
        project: Its name.
        env: Variables for docker-compose.yaml.
    """

    project: str
    env: Mapping[str, str]

    def compose(self, *arguments: str, timeout: float = UP_WITHIN) -> str:
        """Run `docker compose` and return what it printed.

        Raises:
            RuntimeError: It failed; the message ends with what it said.
        """
        done = subprocess.run(
            ["docker", "compose", "--project-name", self.project, *arguments],
            cwd=ROOT,
            env=os.environ | self.env,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"docker compose {' '.join(arguments)}: {done.stderr[-2000:]}")
        return done.stdout

    def build(self) -> None:
        self.compose("build", "--quiet", timeout=3600)

    def added_mebibytes(self, service: str) -> int:
        """Return how much a service's image adds to the image it is based on."""
        described = json.loads(self.compose("config", "--format", "json"))["services"][service]
        base = described["build"]["args"]["PYTHON_IMAGE"]
        sizes = subprocess.run(
            ["docker", "image", "inspect", "--format", "{{.Size}}", described["image"], base],
            capture_output=True,
            text=True,
            check=True,
        ).stdout.split()
        return (int(sizes[0]) - int(sizes[1])) >> 20

    def up(self, *services: str) -> float:
        """Start services with what they need, wait until all are healthy and return how many seconds that took."""
        started = time.monotonic()
        self.compose("up", "--detach", "--wait", "--wait-timeout", str(UP_WITHIN), *services)
        return time.monotonic() - started

    def down(self, *, volumes: bool = False) -> float:
        """End everything and return how many seconds that took."""
        started = time.monotonic()
        self.compose("--profile", "*", "down", *(["--volumes"] if volumes else []))
        return time.monotonic() - started

    def running(self) -> dict[str, dict[str, Any]]:
        """Return what `docker inspect` says of each running service."""
        found = {}
        for line in self.compose("ps", "--format", "json").splitlines():
            service = json.loads(line)
            inspected = subprocess.run(
                ["docker", "inspect", service["ID"]], capture_output=True, text=True, check=True
            ).stdout
            found[service["Service"]] = json.loads(inspected)[0]
        return found

    def kill(self, service: str) -> float:
        """Kill a service's first process as a crash does, and return the seconds until it is healthy again."""
        before = self.running()[service]
        started = time.monotonic()
        # `docker kill` would count as a wish of the user's, and nothing would start it again.
        os.kill(before["State"]["Pid"], signal.SIGKILL)

        def back() -> bool:
            now = self.running().get(service, {})
            state = now.get("State", {})
            again = now.get("RestartCount", 0) > before["RestartCount"]
            return again and state.get("Health", {}).get("Status", state.get("Status")) in {"healthy", "running"}

        wait_until(back, seconds=UP_WITHIN, what=f"{service} healthy again")
        return time.monotonic() - started

    def recommends(self, products: Iterable[str]) -> bool:
        """Tell whether the recommender knows what goes with any of these products."""
        address = f"http://127.0.0.1:{self.env['RECOMMENDER_PORT']}/v1/products"
        answers = (httpx.get(f"{address}/{product}/related", timeout=10) for product in products)
        return any(answer.raise_for_status().json()["items"] for answer in answers)

    def memory(self) -> dict[str, str]:
        """Return what each container uses, as `docker stats` writes it."""
        ids = {inspected["Id"][:12]: name for name, inspected in self.running().items()}
        lines = subprocess.run(
            ["docker", "stats", "--no-stream", "--format", "{{.ID}} {{.MemUsage}}", *ids],
            capture_output=True,
            text=True,
            check=True,
        ).stdout.splitlines()
        return {ids[identity]: usage for identity, usage in (line.split(" ", 1) for line in lines)}
