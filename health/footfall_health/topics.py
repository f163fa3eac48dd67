"""Facts of Kafka: whether it answers, transactions that stay open, messages that are late or cannot be read. Pure."""

from collections.abc import Iterator, Mapping

from footfall_health.facts import Fact, FactName, Level, graded, spell
from footfall_health.observed import Accounts, Broker, Partition, Silence
from footfall_health.watched import Watched

OPEN = 60.0
"""Seconds that a transaction may be open before it is spoken of; the job's end with its checkpoints."""
FEW = 5
"""So few messages make no share."""
LISTED = 4
_LATE: tuple[FactName, str] = ("late", "`footfall tail late-events` shows them and the reasons; check who sends them")
_DEAD: tuple[FactName, str] = (
    "dead letters",
    "`footfall dead-letters list` shows them and what mends them, `retry` sends them again",
)
"""Names of facts, and their cures."""
_CURE = "docs/operations.md#a-transaction-stays-open"


def answers(found: Broker | Silence, servers: str) -> Fact:
    """Return whether the broker answers."""
    if isinstance(found, Silence):
        return Fact(
            "kafka",
            "",
            "wrong",
            f"the broker at {servers} does not answer: {found.reason}",
            "start it again (`footfall logs kafka`); everything waits for it and resumes by itself",
        )
    return Fact("kafka", "", "ok", f"answers for {len(found.partitions)} partitions")


def open_transactions(broker: Broker, watched: Watched, completed: float | None, at: float) -> Iterator[Fact]:
    """Yield the transactions that hold back what lies behind them, a fact for each topic.

    Args:
        broker: The partitions.
        watched: What is an input, and how long the job's transactions may be open.
        completed: When the job's newest checkpoint was complete.
        at: Now.
    """
    found = False
    for topic in watched.topics:
        held = [each for each in broker.partitions if each.topic == topic and each.open_since is not None]
        if held:
            found = True
            yield _held(topic, held, watched, completed, at)
    if not found:
        yield Fact("open transactions", "", "ok", f"none is open for {spell(OPEN)}", value=0)


def shares(accounts: Accounts | Silence, read: Mapping[str, int], watched: Watched) -> Iterator[Fact]:
    """Yield how many of the last minutes' messages were late or unreadable.

    Args:
        accounts: What became of the messages.
        read: How many of each topic have been read: those of minutes that are not complete are accounted for later.
        watched: How many may be.
    """
    if isinstance(accounts, Silence):
        yield Fact("accounts", "", "warning", f"cannot account for the messages: {accounts.reason}", "see the others")
        return
    before = {totals.topic: totals for totals in accounts.before}
    for now in accounts.now:
        then, messages = before.get(now.topic, now), max(now.messages, read.get(now.topic, 0))
        late, dead = now.late - then.late, now.dead - then.dead
        period = messages - then.messages, now.at - then.at
        yield _share(now.topic, _LATE, late, period, watched.limits.late_share)
        yield _share(now.topic, _DEAD, dead, period, watched.limits.dead_share)


def _held(topic: str, held: list[Partition], watched: Watched, completed: float | None, at: float) -> Fact:
    since = min(each.open_since for each in held if each.open_since is not None)
    age = at - since
    names = ", ".join(f"{each.number}@{each.stable}" for each in held[:LISTED])
    more = f" and {len(held) - LISTED} more" if len(held) > LISTED else ""
    messages = sum(each.end - each.stable for each in held)
    first = held[0]
    find = (
        f"kafka-transactions.sh --bootstrap-server {watched.servers} describe-producers "
        f"--topic {topic} --partition {first.number}"
    )
    detail = f"partitions {names}{more}: {messages:,} messages behind a transaction that is open for {spell(age)}"
    # Nobody but its producer knows how long one may take; those of the job end with its checkpoints.
    is_wrong = age >= watched.transaction_timeout
    if topic not in watched.outputs:
        detail += "; the job waits for its producer to end it"
    else:
        detail += "; readers of committed rows do not see them"
        if completed is not None and completed > since + OPEN:
            detail += ": it is of an earlier run or its end was lost, for the job has completed checkpoints since"
            is_wrong = True
    level: Level = "wrong" if is_wrong else "warning"
    return Fact("open transactions", topic, level, detail, f"{find}; {_CURE}", since, age)


def _share(topic: str, outcome: tuple[FactName, str], number: int, period: tuple[int, float], limit: float) -> Fact:
    (name, cure), (messages, seconds) = outcome, period
    # Totals that have become smaller are those of a job that began anew.
    if messages <= 0 or number < 0:
        return Fact(name, topic, "ok", "no message lately")
    share = number / messages
    level = graded(share, warning=limit / 5, wrong=limit) if number >= FEW else "ok"
    detail = f"{number:,} of {messages:,} messages ({share:.1%}) within {spell(seconds)}"
    return Fact(name, topic, level, detail, "" if level == "ok" else cure, value=share)
