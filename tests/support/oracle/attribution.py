"""Which click a checkout is credited to, and what each channel earned."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Hashable, Iterator
from datetime import datetime

from support.oracle.facts import UNKNOWN, Facts
from support.oracle.money import ZERO, profit_of, revenue_of
from support.oracle.rows import HOUR, MINUTE, Row, is_paid, minute_of, window

CLICKS = {"product_view", "product_click"}


class ClickHistory:
    """Clicks by whatever they are looked up by, in order of time, those of one moment in order of their ids."""

    def __init__(self, clicks: Iterator[tuple[Hashable, Row]]) -> None:
        found: dict[Hashable, list[Row]] = defaultdict(list)
        for key, click in clicks:
            found[key].append(click)
        self._clicks = {
            key: sorted(rows, key=lambda row: (row["event_time"], row["event_id"])) for key, rows in found.items()
        }
        self._times = {key: [row["event_time"] for row in rows] for key, rows in self._clicks.items()}

    def earliest(self, key: Hashable, when: datetime) -> Row | None:
        """Return the first click of the hour up to a moment, both ends included."""
        times = self._times.get(key, [])
        place = bisect_left(times, when - HOUR)
        return self._clicks[key][place] if place < len(times) and times[place] <= when else None


def attributed_checkouts(facts: Facts) -> list[Row]:
    return [row for row, _ in _credited(facts)]


def channel_revenue(facts: Facts) -> list[Row]:
    groups: dict[tuple[datetime, str, str], list[Row]] = defaultdict(list)
    for credited, checkout in _credited(facts):
        groups[minute_of(checkout), checkout["currency"], credited["channel"] or UNKNOWN].append(checkout)
    found = []
    for (start, currency, channel), rows in groups.items():
        paid = [row for row in rows if is_paid(row)]
        if start + MINUTE <= facts.until:
            found.append(
                window(start, MINUTE)
                | {
                    "currency": currency,
                    "channel": channel,
                    "checkouts": len(rows),
                    "purchases": len(paid),
                    "revenue": sum(map(revenue_of, paid), ZERO),
                    "profit": sum((profit_of(facts, row) for row in paid), ZERO),
                }
            )
    return found


def _credited(facts: Facts) -> Iterator[tuple[Row, Row]]:
    """Return the row of each checkout that is final, and the checkout."""
    clicks = [click for click in facts.clicks if click["action"] in CLICKS]
    on_product = ClickHistory(((click["user_id"], click["product_id"]), click) for click in clicks)
    on_anything = ClickHistory((click["user_id"], click) for click in clicks)
    for checkout in facts.checkouts:
        when, user = checkout["event_time"], checkout["user_id"]
        if when > facts.until:
            continue
        cause = on_product.earliest((user, checkout["product_id"]), when)
        first = on_anything.earliest(user, when)
        yield (
            {
                "checkout_id": checkout["checkout_id"],
                "order_id": checkout["order_id"],
                "checkout_time": when,
                "user_id": user,
                "user_name": facts.user_field(checkout, "name"),
                "product_id": checkout["product_id"],
                "payment_status": checkout["payment_status"],
                "quantity": checkout["quantity"],
                "currency": checkout["currency"],
                "revenue": revenue_of(checkout) if is_paid(checkout) else ZERO,
                "profit": profit_of(facts, checkout) if is_paid(checkout) else ZERO,
                "click_id": cause["event_id"] if cause else None,
                "click_time": cause["event_time"] if cause else None,
                "channel": first["channel"] if first else None,
            },
            checkout,
        )
