"""The API of alerting: what is answered, what is refused and with which cure, and that it is what it says it is."""

import asyncio
import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from footfall_alerting import event_types
from footfall_alerting.api.api import Parts, build_api
from footfall_alerting.api.guard import LARGEST_REQUEST
from footfall_alerting.endpoints import Endpoint
from footfall_alerting.errors import BusyError
from footfall_alerting.events import Event
from footfall_alerting.history.history import Recovered
from footfall_alerting.history.search import Found, Page, Query, summary_of
from footfall_alerting.job import Job, Message, webhook_id_of
from footfall_alerting.metrics import meters
from footfall_alerting.policy import Outcome, Result
from footfall_alerting.standing.state import Standing, enabled
from footfall_chassis.bearer import Token
from footfall_chassis.health import Health
from footfall_schemas.access_errors import AccessRefusedError
from jsonschema import Draft202012Validator, FormatChecker  # type: ignore[import-untyped]

SECRET = "whsec_" + "YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFh"
TOKEN = "a-token-of-24-characters"
NOW = 1_800_000_000.0
FAILED = Outcome(Result.FAILED, 503, "HTTP 503", answer="busy", seconds=0.25)


def endpoint(name: str, **fields: Any) -> Endpoint:
    return Endpoint.model_validate(
        {"id": name, "url": "https://shop.example/hook?t=private", "secret": SECRET} | fields
    )


def message(event: str = "a1", to: str = "shop", **fields: Any) -> Message:
    job = Job(webhook_id_of(to, event), to, event, "inventory.low", "p1", 1, NOW, '{"type":"inventory.low"}')
    return replace(Message(job.tried(NOW, FAILED).due(NOW + 300), "waiting", NOW), **fields)


class Past:
    """History in memory."""

    def __init__(self) -> None:
        self.found: dict[str, Found] = {}
        self.sent: list[tuple[int, Job]] = []
        self.asked: list[Any] = []
        self.trouble: Exception | None = None
        self.recovered = Recovered(2, None)

    async def newest(self, query: Query, limit: int) -> Page:
        self._may()
        self.asked.append((query, limit))
        return Page([summary_of(each.message) for each in self.found.values()][:limit], NOW - 60)

    async def find(self, webhook_id: str) -> Found | None:
        self._may()
        return self.found.get(webhook_id)

    async def send(self, jobs: Iterable[tuple[int, Job]]) -> None:
        self._may()
        self.sent += jobs

    async def recover(self, endpoint: str, since: float, until: float | None = None) -> Recovered:
        self._may()
        self.asked.append((endpoint, since, until))
        return self.recovered

    async def partitions(self) -> int:
        return 4

    def _may(self) -> None:
        if self.trouble:
            raise self.trouble


class Book:
    """Standings in memory."""

    def __init__(self, *endpoints: str) -> None:
        self.endpoints = {name: Standing(since=NOW) for name in endpoints}

    async def enable(self, name: str) -> Standing:
        self.endpoints[name] = enabled(self.endpoints[name], NOW)
        return self.endpoints[name]


class Site:
    """The application and what stands behind it."""

    def __init__(self, token: str = "") -> None:
        self.past, self.book = Past(), Book("shop", "crm")
        self.events: list[Event] = []
        self.is_away = False
        known = [endpoint("shop"), endpoint("crm", event_types=["endpoint.failing", "monitoring.alert"])]
        self.api: FastAPI = build_api(
            Parts(
                health=Health("footfall-alerting"),
                token=Token(token),
                endpoints=known,
                meters=meters(each.id for each in known),
                history=self.past,
                book=self.book,
                tell=self._tell,
                disable_after=timedelta(days=5),
                dashboard_url="http://localhost:8090/",
                local_only=not token,
            )
        )

    async def _tell(self, event: Event) -> None:
        if self.is_away:
            await asyncio.Event().wait()
        self.events.append(event)

    async def ask(self, method: str, path: str, base: str = "http://localhost", **more: Any) -> httpx.Response:
        transport = httpx.ASGITransport(self.api)
        async with httpx.AsyncClient(transport=transport, base_url=base) as http:
            return await http.request(method, path, **more)

    async def get(self, path: str, **more: Any) -> httpx.Response:
        return await self.ask("GET", path, **more)

    async def post(self, path: str, **more: Any) -> httpx.Response:
        return await self.ask("POST", path, **more)

    def keep(self, *messages: Message, partition: int = 2) -> None:
        self.past.found |= {each.job.webhook_id: Found(partition, each) for each in messages}


@pytest.fixture
def site() -> Site:
    return Site()


async def test_webhooks_are_listed_with_how_far_they_have_come(site: Site) -> None:
    site.keep(message())

    answer = (await site.get("/v1/messages")).json()

    assert answer["since"] == "2027-01-15T07:59:00.000Z"
    (found,) = answer["messages"]
    assert (found["status"], found["failed_attempts"], found["last_outcome"]) == ("waiting", 1, "HTTP 503")
    assert found["next_attempt"] == "2027-01-15T08:05:00.000Z"
    assert "body" not in found


async def test_a_list_is_asked_for_by_what_stands_in_the_query(site: Site) -> None:
    await site.get(
        "/v1/messages?endpoint=shop&status=dead&type=inventory.low&since=2027-01-15T08:00:00%2B01:00&limit=7"
    )

    assert site.past.asked == [(Query("shop", "dead", "inventory.low", NOW - 3600), 7)]


@pytest.mark.parametrize(
    ("path", "parameter"),
    [
        ("/v1/messages?limit=0", "limit"),
        ("/v1/messages?status=lost", "status"),
        ("/v1/messages?since=yesterday", "since"),
        ("/v1/messages?since=2027-01-15T08:00:00", "since"),
        ("/v1/messages/msg_x", "webhook_id"),
    ],
)
async def test_what_cannot_be_asked_is_named(site: Site, path: str, parameter: str) -> None:
    answer = await site.get(path)

    assert answer.status_code == 422
    assert [each["parameter"] for each in answer.json()["errors"]] == [parameter]


async def test_one_webhook_has_its_payload_and_every_attempt(site: Site) -> None:
    site.keep(message())

    found = (await site.get(f"/v1/messages/{webhook_id_of('shop', 'a1')}")).json()

    assert found["body"] == '{"type":"inventory.low"}'
    assert found["attempts"] == [
        {
            "at": "2027-01-15T08:00:00.000Z",
            "result": "failed",
            "status": 503,
            "detail": "HTTP 503",
            "seconds": 0.25,
            "answer": "busy",
        }
    ]


async def test_a_resent_webhook_keeps_its_id_and_partition_and_gets_the_whole_schedule(site: Site) -> None:
    site.keep(message(status="dead", reason="exhausted"))
    webhook_id = webhook_id_of("shop", "a1")

    answer = await site.post(f"/v1/messages/{webhook_id}/resend")

    assert (answer.status_code, answer.json()) == (202, {"webhook_id": webhook_id, "endpoint": "shop"})
    ((partition, job),) = site.past.sent
    assert (partition, job.webhook_id, job.trigger, job.begun, job.attempted) == (2, webhook_id, "resend", 0.0, 0)
    assert len(job.attempts) == 1, "what was tried before is still told"


async def test_nothing_is_sent_to_a_disabled_endpoint_and_the_cure_is_named(site: Site) -> None:
    site.keep(message(status="dead"))
    site.book.endpoints["shop"] = Standing("disabled", "HTTP 410", since=NOW)
    asked = [
        (f"/v1/messages/{webhook_id_of('shop', 'a1')}/resend", None),
        ("/v1/recover", {"endpoint": "shop", "since": "2027-01-15T00:00:00Z"}),
        ("/v1/trigger", {"endpoint": "shop", "type": "webhook.test"}),
    ]

    for path, body in asked:
        answer = await site.post(path, json=body)
        assert answer.status_code == 409
        assert "footfall webhook enable shop" in answer.json()["detail"]
    assert site.past.sent == []


async def test_what_is_not_known_is_404_and_says_what_there_is(site: Site) -> None:
    unknown = await site.get(f"/v1/messages/{webhook_id_of('shop', 'z')}")
    other = await site.post("/v1/endpoints/shopp/enable")
    recover = await site.post("/v1/recover", json={"endpoint": "shopp", "since": "2027-01-15T00:00:00Z"})

    assert [each.status_code for each in (unknown, other, recover)] == [404, 404, 404]
    assert "there are: shop, crm" in other.json()["detail"]
    assert other.headers["content-type"] == "application/problem+json"


async def test_recover_says_how_many_come_back_and_where_to_go_on(site: Site) -> None:
    site.past.recovered = Recovered(10_000, NOW)
    body = {"endpoint": "shop", "since": "2027-01-15T07:00:00Z", "until": "2027-01-15T08:00:00Z"}

    answer = await site.post("/v1/recover", json=body)

    assert answer.status_code == 202
    assert answer.json() == {"recovered": 10_000, "go_on_since": "2027-01-15T08:00:00.000Z"}
    assert site.past.asked == [("shop", NOW - 3600, NOW)]


async def test_endpoints_are_listed_without_what_is_secret(site: Site) -> None:
    site.book.endpoints["shop"] = Standing("failing", "HTTP 503", NOW, NOW)

    answer = await site.get("/v1/endpoints")

    first, second = answer.json()["endpoints"]
    assert (first["id"], first["host"], first["state"]) == ("shop", "shop.example", "failing")
    assert (first["failing_since"], first["disabled_at"]) == ("2027-01-15T08:00:00.000Z", "2027-01-20T08:00:00.000Z")
    assert (second["state"], second["disabled_at"], second["event_types"]) == (
        "ok",
        None,
        ["endpoint.failing", "monitoring.alert"],
    )
    assert "private" not in answer.text
    assert SECRET not in answer.text


async def test_an_enabled_endpoint_is_ok_again(site: Site) -> None:
    site.book.endpoints["shop"] = Standing("disabled", "HTTP 410", since=NOW)

    answer = await site.post("/v1/endpoints/shop/enable")

    assert (answer.status_code, answer.json()["state"]) == (200, "ok")
    assert site.book.endpoints["shop"].round == 1


async def test_every_type_is_published_with_its_schema_and_a_payload_that_fits(site: Site) -> None:
    found = (await site.get("/v1/event-types")).json()["event_types"]

    assert [each["type"] for each in found] == list(event_types.schemas())
    for each in found:
        assert list(Draft202012Validator(each["payload_schema"]).iter_errors(each["example"])) == []


@pytest.mark.parametrize("type_", list(event_types.schemas()))
async def test_a_trigger_sends_a_payload_of_its_type_to_the_endpoint_that_is_named(site: Site, type_: str) -> None:
    answer = await site.post("/v1/trigger", json={"type": type_, "endpoint": "shop"})

    assert answer.status_code == 202
    ((partition, job),) = site.past.sent
    assert answer.json()["webhooks"] == [{"webhook_id": job.webhook_id, "endpoint": "shop"}]
    assert 0 <= partition < 4
    assert (job.trigger, job.event_id, job.type) == ("trigger", answer.json()["event_id"], type_)
    payload = json.loads(job.body)
    validator = Draft202012Validator(event_types.schemas()[type_], format_checker=FormatChecker())
    assert [error.message for error in validator.iter_errors(payload)] == []


async def test_a_trigger_without_an_endpoint_goes_to_those_that_want_it(site: Site) -> None:
    await site.post("/v1/trigger", json={"type": "inventory.low"})
    await site.post("/v1/trigger", json={"type": "monitoring.alert"})

    assert [job.endpoint for _, job in site.past.sent] == ["shop", "crm"]


async def test_a_trigger_that_nobody_wants_says_how_to_name_somebody(site: Site) -> None:
    nobody = await site.post("/v1/trigger", json={"type": "webhook.test"})
    typo = await site.post("/v1/trigger", json={"type": "inventory.lo"})
    more = await site.post("/v1/trigger", json={"type": "inventory.low", "endpoints": "shop"})

    assert (nobody.status_code, typo.status_code, more.status_code) == (409, 422, 422)
    assert "--endpoint ID" in nobody.json()["detail"]
    assert "did you mean inventory.low?" in typo.json()["detail"]
    assert site.past.sent == []


ALERT = {
    "status": "firing",
    "labels": {"alertname": "JobDown", "severity": "page"},
    "annotations": {"summary": "The job is down."},
    "startsAt": "2027-01-15T08:00:00.123456789Z",
    "endsAt": "0001-01-01T00:00:00Z",
    "generatorURL": "http://prometheus/graph",
    "fingerprint": "c2b1d0e9f8a7b6c5",
}


async def test_alerts_of_alertmanager_become_events_one_each(site: Site) -> None:
    over = ALERT | {"status": "resolved", "endsAt": "2027-01-15T09:00:00Z"}
    body = {"version": "4", "receiver": "footfall", "status": "firing", "alerts": [ALERT, over]}

    answer = await site.post("/v1/alertmanager", json=body)

    assert (answer.status_code, answer.json()) == (202, {"events": 2})
    firing, resolved = site.events
    assert (firing.type, firing.severity, firing.key) == ("monitoring.alert", "critical", "c2b1d0e9f8a7b6c5")
    assert (firing.data["name"], firing.data["ends_at"]) == ("JobDown", None)
    assert (resolved.data["status"], resolved.data["ends_at"]) == ("resolved", "2027-01-15T09:00:00.000Z")
    assert firing.id != resolved.id


async def test_an_alert_that_alertmanager_tells_again_is_the_same_event(site: Site) -> None:
    for _ in range(2):
        await site.post("/v1/alertmanager", json={"alerts": [ALERT]})
    await site.post("/v1/alertmanager", json={"alerts": [ALERT | {"startsAt": "2027-01-16T08:00:00Z"}]})

    assert [event.id == site.events[0].id for event in site.events] == [True, True, False]


@pytest.mark.parametrize(
    ("label", "severity"), [("warning", "warning"), ("INFO", "info"), ("critical", "critical"), ("p3", "warning")]
)
async def test_severities_of_others_become_ours(site: Site, label: str, severity: str) -> None:
    await site.post("/v1/alertmanager", json={"alerts": [ALERT | {"labels": {"severity": label}, "fingerprint": ""}]})

    (event,) = site.events
    assert (event.severity, event.data["name"], len(event.key)) == (severity, "unnamed", 16)


@pytest.mark.parametrize("body", ["{}", "[]", "nonsense", '{"alerts":[{}]}', '{"alerts":[{"status":"odd"}]}'])
async def test_what_is_no_notification_is_refused(site: Site, body: str) -> None:
    answer = await site.post("/v1/alertmanager", content=body, headers={"content-type": "application/json"})

    assert answer.status_code == 422
    assert site.events == []


async def test_alerts_that_kafka_does_not_take_are_to_be_sent_again(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("footfall_alerting.api.triggering.TAKEN_WITHIN", 0.05)
    site.is_away = True

    answer = await site.post("/v1/alertmanager", json={"alerts": [ALERT]})

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")


@pytest.mark.parametrize(
    ("trouble", "status"), [(BusyError("ask again"), 429), (AccessRefusedError("grant it (docs/security.md)"), 503)]
)
async def test_trouble_is_told_with_its_cure(site: Site, trouble: Exception, status: int) -> None:
    site.past.trouble = trouble

    answer = await site.get("/v1/messages")

    assert (answer.status_code, answer.json()["detail"]) == (status, str(trouble))


async def test_whoever_shows_no_token_learns_no_more_than_health() -> None:
    site = Site(TOKEN)
    paths = ("/v1/messages", "/v1/endpoints", "/v1/event-types", "/openapi.json")

    refused = [(await site.get(path)).status_code for path in paths]
    wrong = (await site.get("/v1/endpoints", headers={"authorization": f"Bearer {TOKEN}x"})).status_code
    admitted = (await site.get("/v1/endpoints", headers={"authorization": f"Bearer {TOKEN}"})).status_code

    assert (set(refused), wrong, admitted) == ({401}, 401, 200)
    assert [(await site.get(path)).status_code for path in ("/health/live", "/metrics", "/version")] == [200] * 3
    assert (await site.post("/v1/trigger", json={"type": "inventory.low"})).status_code == 401
    assert site.past.sent == []


async def test_pages_of_other_sites_cannot_ask(site: Site) -> None:
    site.keep(message())
    path = f"/v1/messages/{webhook_id_of('shop', 'a1')}/resend"

    assert (await site.post(path, headers={"origin": "https://evil.example"})).status_code == 403
    assert (await site.get("/v1/endpoints", base="http://rebound.example")).status_code == 400
    assert site.past.sent == []


async def test_a_body_that_is_too_large_is_not_read(site: Site) -> None:
    answer = await site.post("/v1/alertmanager", content=b" " * (LARGEST_REQUEST + 1))

    assert answer.status_code == 413


def fields(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Every field of every schema that is answered, as `schema.field`."""
    foreign = {"HTTPValidationError", "ValidationError", "Notification", "Alert"}
    return {
        f"{name}.{field}": described
        for name, schema in document["components"]["schemas"].items()
        if name not in foreign
        for field, described in schema["properties"].items()
    }


def test_every_field_says_what_it_is_and_has_an_example(site: Site) -> None:
    described = fields(site.api.openapi())

    assert {"MessageSummary.status", "EndpointShown.state", "Problem.detail"} <= described.keys()
    assert [name for name, field in described.items() if not field.get("description")] == []
    plain = {name: each for name, each in described.items() if "$ref" not in {**each.get("items", {}), **each}}
    assert [name for name, field in plain.items() if not field.get("examples")] == []


def test_every_parameter_and_every_answer_says_what_it_is(site: Site) -> None:
    operations = [each for path in site.api.openapi()["paths"].values() for each in path.values()]

    assert len(operations) == 9
    for operation in operations:
        assert [each["name"] for each in operation.get("parameters", []) if not each.get("description")] == []
        assert [status for status, each in operation["responses"].items() if not each["description"].strip(".")] == []


@pytest.mark.parametrize(
    ("path", "schema"),
    [
        ("/v1/messages", "MessageList"),
        (f"/v1/messages/{webhook_id_of('shop', 'a1')}", "MessageDetail"),
        ("/v1/messages/msg_x", "Problem"),
        ("/v1/endpoints", "EndpointList"),
        ("/v1/event-types", "EventTypeList"),
        ("/v1/nothing", "Problem"),
    ],
)
async def test_what_is_answered_is_what_is_described_and_nothing_else(site: Site, path: str, schema: str) -> None:
    site.keep(message())
    document, answer = (await site.get("/openapi.json")).json(), (await site.get(path)).json()

    closed = {"$ref": f"#/components/schemas/{schema}", "unevaluatedProperties": False}
    validator = Draft202012Validator(closed | {"components": document["components"]}, format_checker=FormatChecker())
    assert [error.message for error in validator.iter_errors(answer)] == []
