"""From two numbers to what is published of them: what differs is said only when it still does after a while. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import TypeAlias

from footfall_schemas.topics import Json

from footfall_analytics.integrity.identities import Identity, Number, Part
from footfall_analytics.integrity.ledger import Window

CONFIRMED = 3.0
"""Seconds after which a difference is looked at again before it is published: a row may just not have been read yet."""

Place: TypeAlias = tuple[str, Window, str]
"""Identity, window, currency: what a row is kept by."""


@dataclass(frozen=True)
class Finding:
    """Both numbers of one identity, window and currency."""

    identity: Identity
    window: Window
    currency: str
    part: str
    """Which part differs; empty: the numbers are those of the whole window."""
    left: Number
    right: Number
    holds: bool

    @property
    def place(self) -> Place:
        """What it replaces another one of."""
        return (self.identity.name, self.window, self.currency)

    def row(self) -> Json:
        """Return it as a row of topic integrity."""
        return {
            "identity": self.identity.name,
            "window_start": self.window[0],
            "window_end": self.window[1],
            "currency": self.currency,
            "part": self.part,
            "left_topic": self.identity.left.topic,
            "left_value": Decimal(self.left),
            "relation": self.identity.relation,
            "right_topic": self.identity.right.topic,
            "right_value": Decimal(self.right),
            "holds": self.holds,
        }


def findings_of(identity: Identity, window: Window, numbers: Mapping[Part, tuple[Number, Number]]) -> Iterator[Finding]:
    """Return what is to be said of a window: one finding for each currency, of the first part that differs if one does."""
    by_currency: dict[str, dict[str, tuple[Number, Number]]] = defaultdict(dict)
    for (currency, part), pair in numbers.items():
        by_currency[currency][part] = pair
    for currency, parts in by_currency.items():
        wrong = next((part for part, pair in parts.items() if not identity.holds(*pair)), None)
        if wrong is None:
            left, right = (sum(pair[side] for pair in parts.values()) for side in (0, 1))
            yield Finding(identity, window, currency, "", left, right, holds=True)
        else:
            yield Finding(identity, window, currency, wrong, *parts[wrong], holds=False)


@dataclass
class Published:
    """What has been said of which window, so that nothing is said twice and no difference at first sight."""

    _said: dict[Place, Finding] = field(default_factory=dict)
    _doubted: dict[tuple[Identity, Window], float] = field(default_factory=dict)
    """Windows with a difference that is not published, with when to look again."""

    def again(self, now: float) -> list[tuple[Identity, Window]]:
        """Return the windows that are to be looked at again by now, seconds that only go forward."""
        return [each for each, when in self._doubted.items() if when <= now]

    def news(
        self, identity: Identity, window: Window, numbers: Mapping[Part, tuple[Number, Number]], now: float
    ) -> list[Finding]:
        """Return what is to be published of a window now.

        Args:
            identity: Which one.
            window: Of which window.
            numbers: Both numbers of each part.
            now: Seconds that only go forward.
        """
        found = list(findings_of(identity, window, numbers))
        doubted = self._doubted.get((identity, window))
        if all(each.holds for each in found):
            self._doubted.pop((identity, window), None)
        elif doubted is None or doubted > now:
            self._doubted.setdefault((identity, window), now + CONFIRMED)
            return []
        else:
            del self._doubted[identity, window]
        return self.say(found)

    def say(self, found: Iterable[Finding]) -> list[Finding]:
        """Return those that were not said before."""
        new = [each for each in found if self._said.get(each.place) != each]
        self._said.update({each.place: each for each in new})
        return new

    def prune(self, before: datetime) -> None:
        """Forget windows that ended before."""
        self._said = {place: each for place, each in self._said.items() if each.window[1] >= before}
        self._doubted = {each: when for each, when in self._doubted.items() if each[1][1] >= before}

    @property
    def broken(self) -> list[Finding]:
        """What was said not to hold, of the windows that are remembered."""
        return [each for each in self._said.values() if not each.holds]
