"""The whole of it, for real: a seeded run with every kind of disorder, two kills, and each output compared with an
independent computation."""

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import httpx
import pytest
from footfall_schemas.topics import RECORDED
from footfall_stack.testing import running_stack

from checks.prove.money import refunded, wrong_nets, wrong_refunds
from support.again import publish_again
from support.amounts import CURRENCIES, extremes
from support.events import checkout, click, inventory_update, refund, user
from support.finality import too_late, written
from support.kafka import read_with_poison, wait_until
from support.oracle import STREAMS as OUTPUTS
from support.oracle import Message, Oracle
from support.oracle.accounting import still_open
from support.outputs import differences
from support.proxies import BEHIND_A_DEAD_PROXY
from support.receiver import SECRET, Receiver
from support.shop import UNHURRIED, Shop

pytestmark = pytest.mark.stack

START = datetime(2026, 3, 2, 9, 50, tzinfo=UTC)
LONG_AGO = datetime(2017, 11, 25, 8, tzinfo=UTC)
OWN = "own-"
INPUTS = ("clickstream", "checkouts", "refunds", "inventory-updates", "products", "categories", "users")
STREAMS = INPUTS[:4]
WINDOWED = ("revenue_per_minute", "revenue_by_category", "event_counts", "unique_visitors", "trading_volume")


@dataclass
class WatchedShop(Shop):
    """A stack whose webhooks somebody receives."""

    receiver: Receiver


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WatchedShop]:
    with Receiver() as receiver:
        env = {
            "ALERTING_WEBHOOK_URL": receiver.url,
            "ALERTING_WEBHOOK_SECRET": SECRET,
            "ALERTING_RETRY_DELAYS": "500ms,1s,2s,4s",
            **UNHURRIED,
            **BEHIND_A_DEAD_PROXY,
            "ANALYTICS_PARALLELISM": "2",
        }
        # The job finds a backlog and its dimensions, as at every start of a shop that exists.
        with running_stack(tmp_path_factory.mktemp("shop"), ["kafka", "registry"], env=env) as stack:
            yield WatchedShop(stack, receiver)


@pytest.fixture(scope="module")
def settled(shop: WatchedShop) -> tuple[Oracle, datetime]:
    """Publish a shop's quarter of an hour in three parts, kill in between, and wait until nothing changes any more."""
    faults = ["--out-of-order", "5", "--late", "1", "--duplicates", "2", "--poison", "1", "--price-changes"]
    size = ["--duration", "5m", "--shop-rate", "25", "--users", "4000", "--products", "40"]
    money = ["--currencies", ",".join(CURRENCIES), "--refund-share", "0.5"]

    def part(number: int, *options: str) -> None:
        start = START + timedelta(minutes=5 * number)
        shop.generate("--seed", str(100 + number), "--start", start.isoformat(), *size, *money, *faults, *options)

    part(0)
    _publish_oddities(shop)
    shop.stack.stop()
    shop.stack.start(without=["generator"])
    shop.stack.wait_ready()
    wait_until(lambda: bool(shop.read("event_counts")), seconds=120, what="the first committed minute")
    # The first minute is committed, so the clock is past it: this one is late however fast the machine is.
    shop.publish("clickstream", click("late-1", START + timedelta(seconds=1), "page_view", user_id="odd-user"))
    part(1, "--no-dimensions")
    taskmanager = shop.stack.status("taskmanager")
    shop.stack.kill("taskmanager")
    wait_until(lambda: bool(shop.receiver.attempts), seconds=120, what="the first webhook")
    shop.stack.kill("alerting")
    shop.stack.wait_restarted("taskmanager", (taskmanager.restarts if taskmanager else 0) + 1)
    part(2, "--no-dimensions", "--close-windows", "--close-after", "2h")

    def late() -> set[tuple[str, int, int]]:
        return {(m.value["topic"], m.value["partition"], m.value["offset"]) for m in shop.read("late-events")}

    read = [read_with_poison(shop.kafka, shop.registry, name) for name in INPUTS]
    inputs = [message for messages, _ in read for message in messages]
    dead = {place for _, poison in read for place in poison}
    newest = max(message.value["event_time"] for message in inputs if message.topic in STREAMS)
    until = newest - timedelta(seconds=6)

    def complete() -> bool:
        outputs = Oracle(inputs, late(), until, dead=dead).outputs()
        return not any(differences(outputs[name](), shop.rows(name, until))["missing"] for name in OUTPUTS)

    # Whatever is missing then, the tests below show.
    with suppress(TimeoutError):
        wait_until(complete, seconds=180, what="every expected row")
    return Oracle(inputs, late(), until, dead=dead), until


def _publish_oddities(shop: Shop) -> None:
    """Publish what the simulator does not: new versions of dimensions, unknown ids, absent fields, boundary times."""
    # After all that has been published, so that they are on time.
    noon = START + timedelta(minutes=5, seconds=1)
    product = next(m.value for m in shop.read("products"))
    category = next(m.value for m in shop.read("categories") if m.value["category_id"] == product["category_id"])
    shop.publish(
        "products",
        product
        | {"updated_at": noon, "commission_rate": Decimal("0.9000"), "reorder_threshold": 500, "name": "Renamed"},
    )
    shop.publish("categories", category | {"updated_at": noon, "parent_category_name": "Moved"})
    shop.publish("users", user(user_id="odd-user"), user(noon, user_id="odd-user", name="Anna", gender="other"))
    sold = {
        "user_id": "odd-user",
        "product_id": product["product_id"],
        "category_id": None,
        "quantity": 3,
        "unit_price": Decimal("1234.56"),
        "discount_rate": Decimal("0.3333"),
        "shipping_cost": Decimal("7.77"),
    }
    shop.publish(
        "checkouts",
        checkout("odd-1", noon, **sold),
        checkout("odd-2", noon - timedelta(milliseconds=1), **sold),
        checkout("odd-3", noon, **sold | {"product_id": "no-such", "category_id": "no-such"}),
        checkout("odd-4", noon, **sold | {"product_id": "no-such", "unit_price": None}),
        checkout("odd-5", noon, "failed", **sold, payment_failure_reason="declined"),
        checkout("odd-6", noon, "failed", **sold),
        # The same id of another user is another payment.
        checkout("odd-1", noon, **sold | {"user_id": "odd-other"}),
        # The same buyer's in another currency, of the same order.
        checkout("odd-7", noon, **sold, currency=CURRENCIES[1], order_id="order-odd-1"),
    )
    back = {"user_id": "odd-user", "product_id": product["product_id"], "category_id": None}
    shop.publish(
        "refunds",
        refund("odd-before", noon - timedelta(milliseconds=1), "0.01", **back),
        refund("odd-1", noon, "1234.56", **back),
        # A copy, whatever it says of its amount; of another user it is a refund of its own.
        refund("odd-1", noon, "99.99", **back),
        refund("odd-1", noon, "7.77", **back | {"user_id": "odd-other"}),
        refund("odd-2", noon, "5.00", **back | {"product_id": "no-such"}),
        refund("odd-3", noon, "6.00", **back | {"category_id": "no-such"}, source="mobile_app"),
        # Of a user, in a minute and in a currency of its own.
        refund("odd-4", noon + timedelta(minutes=2), "8.00", user_id="odd-returner", currency="NOK"),
    )
    checkouts, refunds = extremes("odd-rich", noon, product["product_id"])
    shop.publish("checkouts", *checkouts)
    shop.publish("refunds", *refunds)
    looked = {"user_id": "odd-user", "product_id": product["product_id"], "category_id": None}
    an_instant = timedelta(milliseconds=1)
    shop.publish(
        "clickstream",
        click("odd-after", noon + an_instant, **looked, channel="push"),
        click("odd-b", noon - an_instant, "product_click", **looked, channel="social"),
        click("odd-a", noon - an_instant, **looked, channel="email"),
        click("odd-nothing", noon - 2 * an_instant, user_id="odd-user", product_id=None, category_id=None),
        click("odd-put", noon, "add_to_cart", **looked),
        click("odd-take", noon, "remove_from_cart", **looked),
        # Of one moment: the order in which they were published says which are the five before.
        *(click(f"odd-tie-{n}", noon, user_id="odd-tied", product_id=f"tie-{n}") for n in range(40)),
        click("odd-only", noon, "add_to_cart", user_id="odd-browser", product_id="no-such", category_id=None),
    )
    shop.publish(
        "inventory-updates",
        *(
            inventory_update(f"odd-{step}", noon + step * an_instant, quantity, product_id="no-such")
            for step, quantity in enumerate([1, 0, -1, 4, 0])
        ),
        *(
            inventory_update(f"odd-tie-{n}", noon, n % 2 * 9, product_id="tie", warehouse_id=f"W{n % 3}")
            for n in range(40)
        ),
    )


@pytest.mark.parametrize("name", OUTPUTS)
def test_output_equals_the_independent_computation(shop: Shop, settled: tuple[Oracle, datetime], name: str) -> None:
    oracle, until = settled
    expected = oracle.outputs()[name]()

    assert expected, "the run made no such rows"
    assert differences(expected, shop.rows(name, until)) == {"missing": [], "surplus": []}


def test_what_was_said_to_be_final_was_there_and_in_the_end_all_of_it_is(
    shop: Shop, settled: tuple[Oracle, datetime]
) -> None:
    _, until = settled

    def claims() -> list[datetime]:
        return [message.value["watermark"] for message in shop.read("progress")]

    wait_until(lambda: max(claims(), default=LONG_AGO) >= until, seconds=180, what="progress up to the end")
    made = written(shop.kafka, shop.registry, "progress")

    assert {claim.row["job"] for claim in made} == {"footfall"}
    assert [row for name in WINDOWED for row in too_late(made, written(shop.kafka, shop.registry, name))] == []


def test_money_goes_back_in_both_currencies_and_categories_add_up_to_the_shop(
    shop: Shop, settled: tuple[Oracle, datetime]
) -> None:
    oracle, until = settled
    minutes, categories = (shop.rows(name, until) for name in ("revenue_per_minute", "revenue_by_category"))
    ours = [row for row in oracle.facts.refunds if not row["user_id"].startswith("odd-")]

    assert wrong_refunds(refunded(ours, until), CURRENCIES, minutes) == []
    assert wrong_nets(minutes, categories) == []
    assert [row["refunds"] for row in minutes if row["currency"] == "NOK"] == [8]


def test_late_events_are_in_input_once_and_really_late(shop: Shop, settled: tuple[Oracle, datetime]) -> None:
    inputs = {message.place: message.value for name in STREAMS for message in shop.read(name)}
    late = [message.value for message in shop.read("late-events")]
    places = [(row["topic"], row["partition"], row["offset"]) for row in late]

    assert "late-1" in {row["event_id"] for row in late}
    assert not [row for row in late if row["event_id"].startswith("odd-")], "what the oddities guard was not counted"
    assert len(set(places)) == len(places)
    assert all(
        inputs[place]["event_time"] == row["event_time"] <= row["watermark"]
        for place, row in zip(places, late, strict=True)
    )


def test_every_message_that_cannot_be_read_is_kept_whole(shop: Shop, settled: tuple[Oracle, datetime]) -> None:
    poison = {
        place: value
        for name in STREAMS
        for place, value in read_with_poison(shop.kafka, shop.registry, name)[1].items()
    }
    dead = [message.value for message in shop.read("dead-letters")]

    assert len(poison) > len(STREAMS)
    assert {(row["topic"], row["partition"], row["offset"]): row["payload"] for row in dead} == poison
    assert len(dead) == len(poison)
    assert all(row["reason"] for row in dead)


def test_flink_itself_dropped_nothing(shop: Shop, settled: tuple[Oracle, datetime]) -> None:
    job = shop.flink.jobs("footfall")[-1]

    def dropped() -> dict[str, float]:
        return shop.flink.metric_sums(job.id, "numLateRecordsDropped")

    assert job.is_up
    # The cluster gathers metrics only when it is asked for them.
    wait_until(lambda: len(dropped()) >= len(WINDOWED), seconds=60, what="the window operators' metrics")
    assert set(dropped().values()) == {0}


def test_every_alert_is_delivered_under_one_id_with_a_valid_signature(
    shop: WatchedShop, settled: tuple[Oracle, datetime]
) -> None:
    alerts = {message.value["alert_id"] for message in shop.read("inventory-alerts")}
    wait_until(lambda: alerts <= shop.receiver.delivered_alerts(), seconds=120, what="every alert delivered")

    assert alerts == shop.receiver.delivered_alerts()
    assert all(len(ids) == 1 for ids in shop.receiver.ids_of_alert.values())
    assert shop.receiver.invalid == []
    assert any(count > 1 for count in shop.receiver.attempts.values()), "no retry was needed: the receiver never failed"


def test_the_recommender_answers_what_the_topic_says(shop: Shop, settled: tuple[Oracle, datetime]) -> None:
    _, until = settled
    rows = {row["product_id"]: row for row in shop.rows("related-products", until)}
    url = f"http://127.0.0.1:{shop.stack.env['RECOMMENDER_PORT']}/v1/products"

    def answers() -> bool:
        return all(
            [item["product_id"] for item in httpx.get(f"{url}/{name}/related?limit=20").json()["items"]]
            == [item["product_id"] for item in row["related"]]
            for name, row in rows.items()
        )

    wait_until(answers, seconds=30, what="answers equal to the topic")


def test_a_replay_of_the_shops_own_events_equals_what_is_live_and_changes_none_of_it(
    shop: WatchedShop, settled: tuple[Oracle, datetime]
) -> None:
    oracle, until = settled
    url = f"http://127.0.0.1:{shop.stack.env['RECOMMENDER_PORT']}/v1/products"
    products = [message.value["product_id"] for message in shop.read("products")]

    def live() -> tuple[dict[str, list[Message]], list[str | None]]:
        tags = [httpx.get(f"{url}/{name}/related").headers.get("etag") for name in products]
        return {name: shop.read(name) for name in (*OUTPUTS, "late-events", "dead-letters")}, tags

    before, webhooks = live(), Counter(shop.receiver.attempts)

    shop.run("backfill", OWN, "--stage", "create")
    publish_again(shop, OWN)
    said = shop.run("backfill", OWN, "--in-order")

    assert live() == before
    assert shop.receiver.attempts == webhooks, "old alerts were sent again"
    recorded = {name: shop.rows(name, until, prefix=RECORDED) for name in OUTPUTS}
    assert recorded["inventory-alerts"]
    for name in set(OUTPUTS) - {"event_accounting"}:
        assert differences(shop.rows(name, until), recorded[name]) == {"missing": [], "surplus": []}, name
    # Under other names; nothing is late of what comes in order, and the end closes the minutes that are still open live.
    assert {row["topic"].removeprefix(OWN): row | {"topic": ""} for row in recorded["event_accounting"]} == {
        name: row | {"topic": "", "late": 0, "counted": row["counted"] + still_open(oracle.facts, name)}
        for row in shop.rows("event_accounting", until)
        if (name := row["topic"])
    }
    assert "late" not in said.replace("+ late", ""), said


def test_a_recorded_file_is_counted_beside_the_live_job(
    shop: Shop, settled: tuple[Oracle, datetime], tmp_path: Path
) -> None:
    file = tmp_path / "userbehavior.csv"
    rows = _recorded_rows()
    file.write_text(
        "".join(f"{user},{item},{item % 9},{behaviour},{moment}\n" for user, item, behaviour, moment in rows)
    )

    before = shop.read("event_counts", prefix=RECORDED)
    said = shop.run("replay", str(file), "--order", "file", "--keep-recorded")

    names = {"pv": "product_view", "cart": "add_to_cart", "fav": "add_to_wishlist", "buy": "purchase"}
    recorded = Counter((moment // 60, names[behaviour]) for _, _, behaviour, moment in rows)
    counted: Counter[tuple[int, str]] = Counter()
    after = shop.read("event_counts", prefix=RECORDED)
    assert after[: len(before)] == before, "they were to be kept"
    for message in after:
        if message.value["window_start"].year == LONG_AGO.year:
            minute = int(message.value["window_start"].timestamp()) // 60
            counted[minute, message.value["action"]] += message.value["events"]
    late = Counter(
        (int(row["event_time"].timestamp()) // 60, row["action"])
        for row in (message.value for message in shop.read("late-events", prefix=RECORDED))
        if row["topic"].startswith("replay-")
    )
    # How many are late depends on how fast the file is read; the sum does not.
    assert counted + late == recorded
    assert _accounts(said) == recorded.total()
    assert shop.flink.jobs("footfall")[-1].is_up


def _accounts(said: str) -> int:
    """Return how many messages a replay says to have read, which are those it says to have counted, late and so on."""
    lines = re.findall(
        r"^ +(?:clickstream|checkouts) +([\d,]+) +([\d,]+) +([\d,]+) +([\d,]+) +([\d,]+) *$", said, re.MULTILINE
    )
    numbers = [[int(number.replace(",", "")) for number in line] for line in lines]
    assert all(read == sum(outcomes) for read, *outcomes in numbers), said
    return sum(read for read, *_ in numbers)


def _recorded_rows() -> list[tuple[int, int, str, int]]:
    """Return rows grouped by user, as recorded files often come: every user begins anew."""
    start = int(LONG_AGO.timestamp())
    kinds = ("pv", "pv", "cart", "pv", "fav", "pv", "buy", "pv")
    return [
        (user, (user * 31 + step * 17) % 500, kinds[(user + step) % len(kinds)], start + user * 13 + step * 211)
        for user in range(60)
        for step in range(50)
    ]


def test_the_stack_survives_a_stop_and_a_start(shop: Shop, settled: tuple[Oracle, datetime]) -> None:
    before = {name: len(shop.read(name)) for name in ("event_counts", "inventory-alerts", "late-events")}
    shop.stack.stop()
    assert not list(Path(shop.stack.env["FOOTFALL_DATA_DIR"]).glob("run/*.pid"))

    shop.stack.start(without=["generator"])
    shop.stack.wait_ready()
    again = START + timedelta(hours=2, minutes=20)
    shop.generate("--seed", "7", "--start", again.isoformat(), "--duration", "2m", "--no-dimensions")
    wait_until(lambda: len(shop.read("event_counts")) > before["event_counts"], seconds=120, what="new minutes")

    starts = [(m.value["window_start"], m.value["action"], m.value["source"]) for m in shop.read("event_counts")]
    assert len(set(starts)) == len(starts), "a minute came twice: the job did not go on from its state"
