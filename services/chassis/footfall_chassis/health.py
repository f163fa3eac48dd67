"""Health over HTTP: `/health/live`, `/health/ready`, `/metrics` and `/version`."""

from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from importlib.metadata import version
from typing import TypeAlias

from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route


@dataclass(frozen=True)
class CheckResult:
    """What one check found; `detail` is for the person who reads it at night."""

    ok: bool
    detail: str
    caution: bool = False
    """Whether somebody should know `detail` although it is ok: `footfall status` tells it."""


Check: TypeAlias = Callable[[], CheckResult]


@dataclass
class Health:
    """What must hold before a service takes work."""

    distribution: str
    """Name of the installed package, whose version `/version` tells."""
    checks: dict[str, Check] = field(default_factory=dict)

    def ready(self) -> dict[str, CheckResult]:
        """Run every check; one that raises has failed."""
        return {name: _run(check) for name, check in self.checks.items()}

    async def found(self) -> dict[str, CheckResult]:
        """Return what `/health/ready` tells."""
        return self.ready()

    async def exposed(self, registry: CollectorRegistry) -> bytes:
        """Return what `/metrics` answers; gauges are read in the loop that their numbers belong to."""
        return generate_latest(registry)

    def routes(self, registry: CollectorRegistry = REGISTRY) -> list[Route]:
        """Return the routes every service has."""

        async def live(_: Request) -> Response:
            return JSONResponse({"status": "alive"})

        async def ready(_: Request) -> Response:
            found = await self.found()
            ok = all(status.ok for status in found.values())
            checks = {
                name: {"ok": status.ok, "detail": status.detail, "caution": status.caution}
                for name, status in found.items()
            }
            return JSONResponse(
                {"status": "ready" if ok else "not ready", "checks": checks},
                HTTPStatus.OK if ok else HTTPStatus.SERVICE_UNAVAILABLE,
            )

        async def metrics(_: Request) -> Response:
            return Response(await self.exposed(registry), media_type=CONTENT_TYPE_LATEST)

        async def current(_: Request) -> Response:
            return JSONResponse({"name": self.distribution, "version": version(self.distribution)})

        return [
            Route("/health/live", live),
            Route("/health/ready", ready),
            Route("/metrics", metrics),
            Route("/version", current),
        ]


def _run(check: Check) -> CheckResult:
    try:
        return check()
    except Exception as error:  # noqa: BLE001  a broken check is an answer, too
        return CheckResult(ok=False, detail=f"{type(error).__name__}: {error}")
