"""The live run: a simulated shop with every kind of disorder, while processes are killed and the job is rescaled."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from subprocess import Popen

from checks.prove.evidence import Evidence, Run
from checks.prove.verdict import Verdict, compared
from checks.prove.waiting import PATIENCE, Jobs, wait_quiet
from support.amounts import CURRENCIES, extremes
from support.shop import Shop, finish

START = datetime(2026, 3, 2, 21, 50, tzinfo=UTC)
"""So that a midnight falls within."""
PART = timedelta(minutes=20)
FAULTS = ("--out-of-order", "5", "--late", "1", "--duplicates", "1", "--poison", "0.1", "--price-changes")
SIZE = ("--duration", "20m", "--users", "4000", "--products", "300")
MONEY = ("--currencies", ",".join(CURRENCIES), "--refund-share", "0.3")
VICTIMS = ("taskmanager", "jobmanager", "kafka")
MOST_LATE = 0.05
"""Share of the events. One in a hundred is late on purpose; a kill must not make the rest late."""
LATEST_KILL = 6.0
"""Seconds from the start of a part's publishing; most of it has been read by then."""


@dataclass(frozen=True)
class Part:
    """A third of an hour of events, and what happens while they are published."""

    number: int
    victim: str | None = None
    delay: float = 0.0
    rescale_to: int | None = None
    """Afterwards, with a stop that leaves a savepoint."""

    @property
    def start(self) -> datetime:
        return START + self.number * PART


def parts(rng: Random) -> list[Part]:
    """Draw what happens when; every victim dies at least once, and the job runs with 1, 2 and again 1 subtasks."""
    victims = [*VICTIMS, rng.choice(VICTIMS), None, None]
    rng.shuffle(victims)
    rescalings = {2: 2, 4: 1}
    return [
        Part(number, victim, rng.uniform(1.0, LATEST_KILL), rescalings.get(number))
        for number, victim in enumerate(victims, start=1)
    ]


def live(jobs: Jobs, rng: Random, rate: int, say: Callable[[str], None]) -> list[Verdict]:
    """Run it and compare; the stack is left running with its jobs up."""
    shop = jobs.shop
    plan, seed = parts(rng), rng.randrange(1 << 30)
    say(f"live: seed of the shop {seed}, {rate} events per second of event time")
    # The job finds a backlog and its dimensions, as at every start of a shop that exists.
    finish(_publish(shop, Part(0), seed, rate))
    shop.stack.stop()
    losses: dict[str, float] = {}
    start(jobs, 1, say)
    for part in plan:
        losses |= _observed(jobs, part.number)
        _run_part(jobs, part, seed, rate, say, last=part is plan[-1])
    say("live: waiting until nothing new is committed")
    wait_quiet(jobs)
    losses |= _observed(jobs, len(plan) + 1)
    evidence = Evidence(shop, Run("live", currencies=CURRENCIES))
    say(f"live: comparing {evidence.events:,} messages' worth of outputs")
    wrong = {"dropped": [f"{count:.0f} by {name}" for name, count in losses.items() if count]}
    late = [f"{evidence.late:,} of {evidence.events:,}"] if evidence.late > MOST_LATE * evidence.events else []
    return [
        *evidence.verdicts(),
        compared("live", "few are late", evidence.late, {"too many": late}),
        compared("live", "dropped by Flink itself", len(losses), wrong),
    ]


def start(jobs: Jobs, parallelism: int, say: Callable[[str], None]) -> None:
    """Start the stack with jobs of so many subtasks."""
    say(f"starting {' and '.join(jobs.processes)} with parallelism {parallelism}")
    jobs.shop.stack.start(jobs.processes, env={"ANALYTICS_PARALLELISM": str(parallelism)})
    jobs.shop.stack.wait_ready(PATIENCE)


def _run_part(jobs: Jobs, part: Part, seed: int, rate: int, say: Callable[[str], None], *, last: bool) -> None:
    shop = jobs.shop
    _publish_oddities(shop, part)
    publishing = _publish(shop, part, seed, rate, *(("--close-windows", "--close-after", "2h") if last else ()))
    if part.victim:
        time.sleep(part.delay)
        status = shop.stack.status(part.victim)
        say(f"live: part {part.number}, killing {part.victim} after {part.delay:.1f} s")
        shop.stack.kill(part.victim)
        shop.stack.wait_restarted(part.victim, (status.restarts if status else 0) + 1, PATIENCE)
        jobs.wait_up()
    else:
        say(f"live: part {part.number}")
    finish(publishing)
    if part.rescale_to:
        say("stopping with a savepoint")
        shop.stack.stop()
        start(jobs, part.rescale_to, say)


def _publish(shop: Shop, part: Part, seed: int, rate: int, *options: str) -> "Popen[str]":
    known = ("--no-dimensions",) if part.number else ()
    when = ("--seed", str(seed + part.number), "--start", part.start.isoformat(), "--shop-rate", str(rate))
    return shop.begin("generate", "--rate", "max", *when, *SIZE, *MONEY, *FAULTS, *known, *options)


def _publish_oddities(shop: Shop, part: Part) -> None:
    """Publish new versions of a product, a category and a user, valid from within the part, and amounts beyond measure."""
    valid = {"updated_at": part.start + PART / 3}
    product, category, user = (shop.read(name)[part.number].value for name in ("products", "categories", "users"))
    shop.publish("products", product | valid | {"commission_rate": Decimal("0.5000"), "name": "Renamed"})
    shop.publish("categories", category | valid | {"parent_category_name": f"Moved {part.number}"})
    shop.publish("users", user | valid | {"gender": "undisclosed", "name": f"Somebody {part.number}"})
    # Before anything else of the part, so that they are on time.
    checkouts, refunds = extremes(f"extreme-{part.number}", part.start + timedelta(seconds=1), product["product_id"])
    shop.publish("checkouts", *checkouts)
    shop.publish("refunds", *refunds)


def _observed(jobs: Jobs, when: int) -> dict[str, float]:
    """Return what Flink says it has dropped."""
    return {f"{name} before part {when}": count for name, count in jobs.dropped().items()}
