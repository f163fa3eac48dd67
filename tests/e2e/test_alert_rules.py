"""Four rules fire and end live, in seconds: alerting and who watches it, no job. `make test-monitoring` has all rules."""

from collections.abc import Iterator

import pytest

from support.alerts import NEEDS_MONITORING
from support.hurt import Hurt, hurt_part
from support.strain import stopped

pytestmark = [
    pytest.mark.stack,
    pytest.mark.timeout(300),
    NEEDS_MONITORING,
]

FACTOR = 60
"""Minutes are seconds."""


@pytest.fixture(scope="module")
def hurt(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hurt]:
    with hurt_part(tmp_path_factory.mktemp("alerting"), "alerting", FACTOR, {}) as hurt:
        yield hurt


def test_rules_fire_and_end_and_both_are_told_by_signed_webhooks(hurt: Hurt) -> None:
    of_endpoints = {"FootfallWebhookDeadLetters", "FootfallEndpointDisabled", "FootfallWebhooksWait"}
    assert hurt.alerts.fired() == set()
    with stopped(hurt.shop.stack, "alerting"):
        hurt.alerts.wait_fired({"FootfallPartAway"}, seconds=60)
    for endpoint in ("dead", "gone", *["slow"] * 4):
        hurt.trigger(endpoint)
    hurt.alerts.wait_fired(of_endpoints, seconds=60)

    hurt.gone.is_there = True
    hurt.shop.run("webhook", "enable", "gone")
    hurt.alerts.wait_ended({"FootfallPartAway"}, seconds=60)
    hurt.wait_over(of_endpoints)
