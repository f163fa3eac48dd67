"""The map of the pipeline, drawn from looks made by hand."""

import asyncio
import importlib
from dataclasses import replace

import httpx
import pytest
from fastapi import FastAPI
from footfall_dashboard.pipeline import services
from footfall_dashboard.pipeline.document import PipelineMap, PipelinePart, document_of
from footfall_dashboard.pipeline.model import Look, Wiring, draw
from footfall_dashboard.pipeline.rates import WINDOW, Rates, counts_of
from footfall_dashboard.pipeline.routes import pipeline_router
from footfall_dashboard.pipeline.sampler import Pipeline
from footfall_dashboard.pipeline.watching import watched_of
from footfall_health.facts import headline
from footfall_health.judge import judge
from footfall_health.memory import Memory
from footfall_health.observed import Broker, Failure, Partition, Service, Silence
from footfall_health.shop import ShopSettings
from prometheus_client import REGISTRY

from support.health import AT, FINE, JOB, PARTITIONS, seen, seen_job, seen_partition
from support.pipeline import ALERTS, URLS, Looks, drawn, shop, with_services


def part(found: PipelineMap, part_id: str) -> PipelinePart:
    (only,) = [each for each in found.parts if each.id == part_id]
    return only


def test_the_map_says_what_status_says() -> None:
    observation = with_services(seen_job(failures=(Failure(AT - 30, "boom"),) * 3))
    facts = judge(observation, shop(), Memory())

    found = drawn(observation)

    assert (found.state, found.line) == ("error", headline(facts))
    job = part(found, "job:footfall")
    (told,) = [fact for fact in job.facts if fact.severity == "error"]
    (fact,) = [fact for fact in facts if fact.level == "wrong"]
    assert (told.text, told.cure) == (f"{fact.subject}: {fact.detail}", fact.cure)
    assert told.since is not None
    assert told.since.timestamp() == fact.since
    assert (job.state, job.numbers.restarts) == ("error", 3)


def test_every_fact_that_is_not_ok_is_on_a_part_of_the_map() -> None:
    held = replace(PARTITIONS[0], stable=900, open_since=AT - 100)
    broker = Broker((held, *PARTITIONS[1:]))
    spoilt = [
        with_services(seen_job(taskmanagers=0, completed=AT - 500, running=3)),
        with_services(seen(broker=broker, registry=Silence("refused"))),
        with_services(seen(accounts=Silence("no answer")), alerting=Service(ready=False, detail="kafka: away")),
        with_services(seen(broker=Silence("refused"), flink=Silence("refused")), recommender=Silence("refused")),
    ]
    for observation in spoilt:
        bad = [fact for fact in judge(observation, shop(), Memory()) if fact.level != "ok" and fact.name != "process"]
        told = {fact.text for each in drawn(observation).parts for fact in each.facts}

        assert len(bad) > 1
        assert {f"{fact.subject}: {fact.detail}" for fact in bad} <= told


def test_parts_stand_in_the_order_in_which_messages_flow() -> None:
    found = drawn(with_services())

    kinds = [(each.kind, each.title) for each in found.parts]
    assert kinds[0] == ("producer", "generator")
    assert kinds.index(("topic", "clickstream")) < kinds.index(("job", "footfall"))
    assert kinds.index(("job", "footfall")) < kinds.index(("topic", "revenue_per_minute"))
    assert kinds[-4:] == [("service", name) for name in ("alerting", "recommender", "kafka", "registry")]


def test_what_a_job_does_is_measured() -> None:
    job = part(drawn(with_services(seen_job(id="9f1c"))), "job:footfall")

    numbers = job.numbers
    assert (numbers.watermark_behind_s, numbers.checkpoint_age_s, numbers.restarts) == (70.0, 1.0, 0)
    assert numbers.watermark is not None
    assert numbers.watermark.timestamp() == AT - 70
    assert (numbers.tasks_running, numbers.tasks) == (100, 100)
    assert job.link == "http://flink/#/job/running/9f1c/overview"


def test_what_became_of_a_topics_messages_is_beside_it() -> None:
    topic = part(drawn(with_services()), "topic:clickstream").numbers

    assert (topic.messages, topic.read) == (2000, 1990)
    assert (topic.counted, topic.duplicates, topic.late, topic.dead) == (1900, 5, 10, 1)


def test_a_broker_that_is_away_leaves_its_topics_unknown_and_the_rest_as_it_is() -> None:
    found = drawn(with_services(seen(broker=Silence("connection refused"))))

    topic = part(found, "topic:clickstream")
    assert (topic.state, topic.numbers.messages) == ("unknown", None)
    assert "connection refused" in topic.facts[0].text
    assert (topic.facts[0].severity, part(found, "service:kafka").state) == ("error", "unknown")
    assert part(found, "job:footfall").state == "ok"
    assert part(found, "producer:generator").state == "unknown"
    assert {edge.lag for edge in found.edges} == {None}


def test_a_part_that_does_not_answer_is_unknown_and_says_so() -> None:
    found = drawn(
        with_services(seen(flink=Silence("timeout"), registry=Silence("timeout")), alerting=Silence("refused"))
    )

    for name in ("job:footfall", "service:registry", "service:alerting"):
        assert part(found, name).state == "unknown"
        assert "does not answer" in part(found, name).facts[0].text
    assert part(found, "service:alerting").numbers.messages is None
    assert part(found, "job:footfall").link == "http://flink/#/overview"


def test_a_topic_that_is_not_there_is_unknown() -> None:
    topic = part(drawn(with_services()), "topic:related-products")

    assert (topic.state, topic.facts[0].severity) == ("unknown", "unknown")
    assert "not on the broker" in topic.facts[0].text


def test_arrows_follow_what_flink_says_the_job_reads_and_writes() -> None:
    edges = {(edge.source, edge.target): edge for edge in drawn(with_services()).edges}

    assert ("producer:generator", "topic:users") in edges
    assert edges["topic:clickstream", "job:footfall"].lag == 10
    # The table has been read to its end: what is left is a marker.
    assert edges["topic:inventory-updates", "job:footfall"].lag == 0
    assert ("topic:users", "job:footfall") not in edges
    assert {target for source, target in edges if source == "job:footfall"} == {
        "topic:revenue_per_minute",
        "topic:inventory-alerts",
    }
    assert ("topic:inventory-alerts", "service:alerting") in edges
    assert ("topic:related-products", "service:recommender") in edges


def test_what_flink_has_said_of_its_arrows_is_remembered_while_it_is_silent() -> None:
    wiring = Wiring()
    wiring.learn(seen_job(writes=frozenset({"sessions"})))
    wiring.learn(seen(flink=Silence("refused")))
    wiring.learn(seen_job(running=0, reads=frozenset(), writes=frozenset()))

    assert (wiring.tables, wiring.views) == ({"footfall": JOB.reads}, {"footfall": frozenset({"sessions"})})


def test_lag_and_rate_of_a_service_are_those_of_its_group_or_its_counter() -> None:
    partitions = (*PARTITIONS, Partition(ALERTS, 0, end=50, stable=50, read=43))
    before = (*PARTITIONS, Partition(ALERTS, 0, end=40, stable=40, read=33))
    rates, watched = Rates(), shop()
    rates.note(AT - 5, counts_of(with_services(seen(broker=Broker(before))), watched))
    updates = Service(ready=True, detail="", numbers={"footfall_recommender_updates_total": 19.0})
    now = with_services(seen(broker=Broker(partitions)), recommender=updates)

    found = drawn(now, rates=rates.note(AT, counts_of(now, watched)))

    edges = {(edge.source, edge.target): edge for edge in found.edges}
    alerts = edges["topic:inventory-alerts", "service:alerting"]
    assert (alerts.rate, alerts.lag) == (2.0, 7)
    related = edges["topic:related-products", "service:recommender"]
    assert (related.rate, related.lag) == (2.0, None)
    assert edges["job:footfall", "topic:inventory-alerts"].rate == 2.0
    assert part(found, "topic:clickstream").numbers.rate == 0.0
    numbers = part(found, "service:alerting").numbers
    assert (numbers.messages, numbers.dead, numbers.retries) == (40, 2, None)


def test_a_producer_writes_what_is_written_to_its_topics() -> None:
    rates, watched = Rates(), shop()
    rates.note(AT - 10, counts_of(FINE, watched))
    now = seen_partition("checkouts", 1, end=1250)

    found = part(drawn(now, rates=rates.note(AT, counts_of(now, watched))), "producer:generator")

    assert (found.state, found.numbers.rate) == ("ok", 25.0)


def test_a_rate_is_of_the_last_seconds() -> None:
    rates = Rates()
    for at, count in ((0.0, 0), (10.0, 1000), (20.0, 1100), (24.0, 1140)):
        found = rates.note(at, {("written", "a"): count})

    assert found == {("written", "a"): 10.0}


def test_a_count_that_has_become_smaller_or_was_silent_for_long_has_no_rate_yet() -> None:
    rates = Rates()
    rates.note(0.0, {("written", "a"): 500, ("written", "b"): 7, ("written", "c"): 1})

    found = rates.note(3.0, {("written", "a"): 10, ("written", "b"): 10})

    assert found == {("written", "b"): 1.0}
    assert rates.note(6.0, {("written", "a"): 40})["written", "a"] == 10.0
    assert rates.note(3.0 + 2 * WINDOW, {("written", "a"): 50, ("written", "c"): 2}) == {}


def test_the_metrics_that_are_asked_for_exist() -> None:
    for name in services.READ:
        importlib.import_module(f"footfall_{name}.metrics")
    # A counter whose labels come with the settings has no sample yet.
    known = {metric.name + "_total" * (metric.type == "counter") for metric in REGISTRY.collect()}

    assert {*services.READ.values(), *services.DEAD.values(), *services.RETRIES.values()} <= known


def test_two_jobs_are_looked_at_where_stock_has_its_own() -> None:
    assert list(watched_of(ShopSettings(job="shop"), "t-", URLS).jobs) == ["footfall", "footfall-stock"]
    assert list(watched_of(ShopSettings(), "t-", URLS | {"alerting": ""}).services) == ["recommender"]
    assert "t-clickstream" in watched_of(ShopSettings(topic_prefix="other-"), "t-", {}).inputs


def test_names_of_topics_are_shown_without_the_prefix_that_all_have() -> None:
    watched = watched_of(ShopSettings(), "t-", URLS)
    found = draw(Look(seen(broker=Broker()), (), watched, prefix="t-"))

    assert part(found, "topic:t-clickstream").title == "clickstream"
    assert ("producer:generator", "topic:t-users") in {(edge.source, edge.target) for edge in found.edges}


def test_numbers_that_are_not_known_are_left_out() -> None:
    document = document_of(drawn(with_services()))

    assert document["as_of"].endswith("Z")
    (kafka,) = [each for each in document["parts"] if each["id"] == "service:kafka"]
    assert kafka["numbers"] == {}
    assert set(document["edges"][0]) == {"from", "to", "rate", "lag"}


@pytest.fixture
def api() -> FastAPI:
    return FastAPI()


async def test_one_sampler_serves_every_page(api: FastAPI) -> None:
    looks = Looks(with_services())
    pipeline = Pipeline(shop(), ask=looks, every=30)
    api.include_router(pipeline_router(pipeline))
    running = asyncio.create_task(pipeline.run())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(api), base_url="http://page") as http:
        answers = await asyncio.gather(*(http.get("/v1/pipeline") for _ in range(20)))
    running.cancel()

    assert {answer.status_code for answer in answers} == {200}
    assert all(answer.json() == pipeline.document for answer in answers)
    assert answers[0].headers["cache-control"] == "no-store"
    assert len(looks.asked) == 1
    assert looks.asked[0].groups["alerting"] == "alerting"


async def test_whoever_waits_for_a_change_gets_it_and_a_look_that_fails_ends_nothing() -> None:
    looks = Looks(with_services(), ValueError("odd"), with_services(seen(flink=Silence("refused"))))
    pipeline = Pipeline(shop(), ask=looks, every=0.01)
    running = asyncio.create_task(pipeline.run())

    version, first = await pipeline.newer()
    version, second = await pipeline.newer(version)
    running.cancel()

    assert version == 2
    states = [document["state"] for document in (first, second)]
    assert states == ["ok", "error"]


async def test_nobody_waits_for_ever_for_the_first_look(api: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("footfall_dashboard.pipeline.routes.FIRST", 0.05)
    api.include_router(pipeline_router(Pipeline(shop(), ask=Looks(FINE))))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(api), base_url="http://page") as http:
        answer = await http.get("/v1/pipeline")

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "3")
    assert answer.headers["content-type"] == "application/problem+json"
