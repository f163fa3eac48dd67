"""Everything that one run read and wrote, and what the oracle says about it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from footfall_schemas.topics import load_topics

from checks.prove.money import earned, refunded, wrong_credits, wrong_nets, wrong_refunds
from checks.prove.verdict import Verdict, compared
from checks.prove.waiting import JOB
from support.finality import too_late, written
from support.kafka import read_with_poison
from support.oracle import Message, Oracle, Place, Row
from support.oracle.accounting import still_open
from support.outputs import differences
from support.shop import Shop

STREAMS = ("clickstream", "checkouts", "refunds", "inventory-updates")
WINDOWED = tuple(
    each.name
    for each in load_topics().values()
    if each.is_output and each.cleanup == "delete" and "window_end" in each.field_names
)
"""Topics whose rows end at a time."""
DIMENSIONS = ("products", "users", "categories")
WATERMARK_DELAY = timedelta(seconds=5)
END_OF_TIME = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Run:
    """One run of the core: its name in the table, and what its topics' names begin with."""

    name: str
    inputs: str = ""
    """Before clickstream, checkouts, refunds and inventory-updates."""
    outputs: str = ""
    """Before those of the results."""
    bounded: bool = False
    """It read its input to the end, which makes everything final."""
    own_dimensions: tuple[str, ...] = ()
    """Those that it read from topics with the inputs' prefix."""
    currencies: tuple[str, ...] = ()
    """In each of these something must have been refunded."""


class Evidence:
    """What the topics of a run hold.

    Args:
        shop: The stack.
        run: Which run.
    """

    def __init__(self, shop: Shop, run: Run) -> None:
        self._shop = shop
        self._run = run
        self._inputs: list[Message] = []
        self.poison: dict[Place, bytes | None] = {}
        for name in STREAMS:
            messages, poison = read_with_poison(shop.kafka, shop.registry, name, prefix=run.inputs)
            self._inputs += messages
            self.poison |= poison
        self._late = [self._unprefixed(message.value) for message in shop.read("late-events", prefix=run.outputs)]
        prefixes = {name: run.inputs if name in run.own_dimensions else "" for name in DIMENSIONS}
        dimensions = [message for name, prefix in prefixes.items() for message in shop.read(name, prefix=prefix)]
        newest = max(message.value["event_time"] for message in self._inputs)
        self.until = END_OF_TIME if run.bounded else newest - WATERMARK_DELAY - timedelta(seconds=1)
        late = {_place(row) for row in self._late}
        self.oracle = Oracle([*self._inputs, *dimensions], late, self.until, dead=set(self.poison))

    @property
    def events(self) -> int:
        return len(self._inputs) + len(self.poison)

    @property
    def late(self) -> int:
        """How many events were late."""
        return len(self._late)

    def verdicts(self) -> list[Verdict]:
        """Compare everything."""
        streams = [self._stream(name) for name in self.oracle.outputs()]
        others = [self._late_events(), self._dead_letters(), self._credits(), self._net_revenue(), self._refunds()]
        return [*streams, *others, *self._conservation(), *([] if self._run.outputs else [self._progress()])]

    def rows(self, name: str) -> list[Row]:
        return list(map(self._unprefixed, self._shop.rows(name, self.until, prefix=self._run.outputs)))

    def _stream(self, name: str) -> Verdict:
        expected = self.oracle.outputs()[name]()
        return compared(self._run.name, name, len(expected), differences(expected, self.rows(name)))

    def _late_events(self) -> Verdict:
        """See that each is in the input, once, and was behind the watermark when it was read."""
        inputs = {message.place: message.value["event_time"] for message in self._inputs}
        listed = Counter(map(_place, self._late))
        wrong: dict[str, list[Any]] = {
            "twice": [place for place, count in listed.items() if count > 1],
            "not late": [
                row for row in self._late if not inputs.get(_place(row)) == row["event_time"] <= row["watermark"]
            ],
        }
        return compared(self._run.name, "late-events", len(self._late), wrong)

    def _dead_letters(self) -> Verdict:
        """See that every message that cannot be read is there once, whole and with a reason."""
        given = [{"place": place, "payload": payload} for place, payload in self.poison.items()]
        dead = self.rows("dead-letters")
        found = [{"place": _place(row), "payload": row["payload"]} for row in dead]
        wrong: dict[str, list[Any]] = {**differences(given, found)}
        wrong["without reason"] = [row for row in dead if not row["reason"]]
        return compared(self._run.name, "dead-letters", len(given), wrong)

    def _credits(self) -> Verdict:
        """See that what the channels are credited with is what was earned, to the last place of each currency."""
        earnings = earned(self.oracle.facts.checkouts, self.until)
        wrong = wrong_credits(earnings, self.rows("attributed_checkouts"))
        return compared(self._run.name, f"credits = revenue ({_listed(earnings)})", len(earnings), {"credited": wrong})

    def _progress(self) -> Verdict:
        """See that every row of a window was there when the job's progress was said to lie behind it."""
        kafka, registry = self._shop.kafka, self._shop.registry
        claims = [each for each in written(kafka, registry, "progress") if each.row["job"] == JOB]
        rows = [row for name in WINDOWED for row in written(kafka, registry, name)]
        wrong: dict[str, list[Any]] = {"too late": too_late(claims, rows), "none": [] if claims else ["no row"]}
        return compared(self._run.name, "progress is true", len(claims), wrong)

    def _net_revenue(self) -> Verdict:
        """See that the categories' net revenue adds up to the shop's in every minute and currency."""
        per_minute = self.rows("revenue_per_minute")
        wrong = wrong_nets(per_minute, self.rows("revenue_by_category"))
        return compared(
            self._run.name, "net revenue of categories = of minutes", len(per_minute), {"adds up to": wrong}
        )

    def _refunds(self) -> Verdict:
        """See that something was refunded at all, in every currency that it should be."""
        counts = refunded(self.oracle.facts.refunds, self.until)
        wrong = wrong_refunds(counts, self._run.currencies, self.rows("revenue_per_minute"))
        return compared(self._run.name, f"refunds ({_listed(counts)})", counts.total(), {"refunded": wrong})

    def _conservation(self) -> list[Verdict]:
        """See that every message of a topic is counted, a duplicate, late, dead or of a minute that is still open."""
        accounts = {row["topic"]: row for row in self.rows("event_accounting")}
        verdicts = []
        for name in STREAMS:
            given = sum(message.topic == name for message in self._inputs) + sum(
                topic == name for topic, _, _ in self.poison
            )
            account = accounts.get(name, {})
            known = sum(account.get(column, 0) for column in ("counted", "duplicates", "late", "dead"))
            missing = given - known - still_open(self.oracle.facts, name)
            wrong = [] if missing == 0 else [f"{missing:+,} of {account}"]
            verdicts.append(compared(self._run.name, f"all {name} accounted for", given, {"unaccounted": wrong}))
        return verdicts

    def _unprefixed(self, row: Row) -> Row:
        """Return the row with the topic it speaks of named as if nothing were put before it."""
        return row | {"topic": row["topic"].removeprefix(self._run.inputs)} if "topic" in row else row


def _listed(amounts: Mapping[str, float | Decimal]) -> str:
    return ", ".join(f"{amount:,} {currency}" for currency, amount in sorted(amounts.items())) or "none"


def _place(row: Row) -> Place:
    return row["topic"], row["partition"], row["offset"]
