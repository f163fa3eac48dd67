import base64
from typing import Any

import pytest
from footfall_alerting.endpoints import Endpoint
from footfall_alerting.events import Event

from .examples import SECRET, endpoint, event

OTHER_SECRET = "whsec_" + base64.b64encode(b"b" * 32).decode()


@pytest.mark.parametrize(
    ("fields", "happens", "wanted"),
    [
        ({}, {}, True),
        ({}, {"type": "inventory.recovered"}, True),
        ({}, {"type": "inventory.depleting"}, True),
        ({}, {"type": "cart.abandoned"}, False),
        ({}, {"type": "endpoint.failing", "key": "another"}, False),
        ({}, {"type": "endpoint.disabled", "key": "another"}, False),
        ({}, {"type": "monitoring.alert"}, False),
        ({}, {"type": "webhook.test"}, False),
        ({"event_types": ["cart.abandoned"]}, {"type": "cart.abandoned"}, True),
        ({"event_types": ["cart.abandoned"]}, {}, False),
        ({"event_types": ["endpoint.failing"]}, {"type": "endpoint.failing", "key": "another"}, True),
        ({"event_types": ["endpoint.failing"]}, {"type": "endpoint.failing", "key": "shop-example"}, False),
        ({"event_types": ["endpoint.disabled"]}, {"type": "endpoint.disabled", "key": "shop-example"}, False),
        ({"products": ["p1", "p2"]}, {}, True),
        ({"products": ["p2"]}, {}, False),
        ({"categories": ["c1"]}, {}, True),
        ({"categories": ["c2"]}, {}, False),
        ({"warehouses": ["w1"]}, {}, True),
        ({"warehouses": ["w2"]}, {}, False),
        ({"products": ["p1"], "warehouses": ["w2"]}, {}, False),
        ({"products": ["p2"]}, {"product": None}, True),
        ({"min_severity": "warning"}, {}, True),
        ({"min_severity": "critical"}, {}, False),
        ({"min_severity": "warning"}, {"severity": "info"}, False),
        ({"enabled": False}, {}, False),
    ],
)
def test_an_endpoint_gets_what_it_wants(fields: dict[str, Any], happens: dict[str, Any], wanted: object) -> None:
    what: Event = event(**happens)

    assert endpoint(**fields).wants(what) is wanted


def test_both_secrets_sign_while_one_replaces_the_other() -> None:
    before, after = endpoint(), endpoint(secret=OTHER_SECRET)
    between = endpoint(secret=OTHER_SECRET, previous_secret=SECRET)

    signatures = [each.signer().header("msg_1", 1, b"{}") for each in (after, before)]

    assert between.signer().header("msg_1", 1, b"{}") == " ".join(signatures)


def test_an_endpoint_shows_no_secret() -> None:
    shown = repr(endpoint(previous_secret=OTHER_SECRET, headers={"authorization": "Bearer hush"}))

    assert SECRET not in shown
    assert OTHER_SECRET not in shown
    assert "hush" not in shown


def test_an_endpoint_has_the_defaults_that_hold_nothing_back() -> None:
    plain = Endpoint.model_validate({"id": "shop", "url": "https://shop.example/", "secret": SECRET})

    assert (plain.rate, plain.ordered, plain.enabled, plain.headers) == (None, False, True, {})
