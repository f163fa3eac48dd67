"""What health tells of webhooks that wait."""

from footfall_alerting.backlog import backlog
from footfall_alerting.metrics import meters


def test_nobody_is_warned_of_webhooks_that_are_not_due() -> None:
    known = meters(["shop", "crm"])
    known["shop"].watch(lambda: 7, lambda: 0)

    found = backlog(known)

    assert (found.ok, found.caution, found.detail) == (True, False, "7 webhooks wait")


def test_the_oldest_that_is_overdue_is_told_and_stops_nobody() -> None:
    known = meters(["shop", "crm"])
    known["shop"].watch(lambda: 7, lambda: 20)
    known["crm"].watch(lambda: 2, lambda: 300)

    found = backlog(known)

    assert (found.ok, found.caution) == (True, True)
    assert found.detail == "9 webhooks wait; the oldest, for crm, has been due for 300 s"
