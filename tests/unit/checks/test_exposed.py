"""What is wrong with names and labels of metrics is found."""

import pytest

from support import exposed

PAGE = "# HELP {name} Help.\n# TYPE {name} {kind}\n{name}{labels} 1\n"


@pytest.mark.parametrize(
    ("name", "kind", "told"),
    [
        ("footfall_things_total", "counter", ""),
        ("footfall_wait_seconds", "gauge", ""),
        ("footfall_things_total", "gauge", "counters end with _total"),
        ("footfall_wait_ms", "gauge", "not in a base unit"),
        ("footfall_Things", "gauge", "not in snake case"),
        ("others_Things", "gauge", ""),
    ],
)
def test_a_name_against_the_conventions_is_told(name: str, kind: str, told: str) -> None:
    found = list(exposed.misnamed({name: kind}))

    assert [told in each for each in found] == ([True] if told else [])


@pytest.mark.parametrize(
    "value",
    ["U000123", "P00017", "127.0.0.1:53211", "0a1b2c3d-0000-4000-8000-123456789012", "msg_b05d208a734bce48aa98"],
)
def test_a_value_that_is_new_each_time_is_told(value: str) -> None:
    page = PAGE.format(name="footfall_things", kind="gauge", labels=f'{{of="{value}"}}')

    assert list(exposed.unbounded(page)) == [f"footfall_things has of={value!r}"]


def test_a_label_with_very_many_values_is_told() -> None:
    lines = [f'footfall_things{{of="{number}"}} 1' for number in range(exposed.FEW + 1)]
    page = "# TYPE footfall_things gauge\n" + "\n".join(lines) + "\n"

    assert list(exposed.unbounded(page)) == [f"footfall_things has {exposed.FEW + 1} values of of"]


def test_a_label_of_what_there_is_may_have_more() -> None:
    page = PAGE.format(name="footfall_things", kind="gauge", labels='{topic="clickstream"}')

    assert list(exposed.unbounded(page)) == []
