"""Who may do what: everything that is needed, and nothing that is somebody else's."""

import pytest
from footfall_schemas.access import SUPER_USERS, principals
from footfall_schemas.topics import RECORDED, ROOT, load_topics

PEOPLE = {principal.name: principal for principal in principals()}
EVENTS = {topic.name for topic in load_topics().values() if not topic.is_output}
OUTPUTS = set(load_topics()) - EVENTS


def named(principal: str, operation: str, *, prefixed: bool = False) -> set[str]:
    return {
        grant.name
        for grant in PEOPLE[principal].grants
        if grant.resource == "topic" and operation in grant.operations and grant.prefixed is prefixed
    }


def test_every_topic_has_one_writer() -> None:
    assert named("generator", "write") == EVENTS
    assert named("analytics", "write") == OUTPUTS
    assert not [name for name in ("alerting", "recommender", "dashboard", "exporter") if named(name, "write")]


def test_the_live_page_reads_every_topic_and_changes_nothing() -> None:
    assert named("dashboard", "read") == OUTPUTS | EVENTS
    own = {name for part in ("alerting", "recommender", "exporter") for name in named(part, "write", prefixed=True)}
    assert named("dashboard", "read", prefixed=True) == {RECORDED, *own}
    groups = {grant.name for grant in PEOPLE["dashboard"].grants if grant.resource == "group" and grant.prefixed}
    assert groups == {"footfall", "alerting"}
    assert {operation for grant in PEOPLE["dashboard"].grants for operation in grant.operations} == {"read", "describe"}


def test_other_services_read_what_they_need_and_the_generator_nothing() -> None:
    assert named("generator", "read") == set()
    assert named("alerting", "read") == {"inventory-alerts", "abandoned_carts"}
    assert named("recommender", "read") == {"related-products", "recorded-related-products"}
    assert named("exporter", "read") == OUTPUTS


def test_no_part_writes_recorded_results_and_alerts_are_never_made_of_them() -> None:
    recorded = {RECORDED + name for name in load_topics()}

    assert not [name for name in PEOPLE if named(name, "write") & recorded]
    assert not named("alerting", "read") & recorded


def test_what_is_granted_by_a_beginning_covers_no_topic_of_another() -> None:
    for name, principal in PEOPLE.items():
        beginnings = {grant.name for grant in principal.grants if grant.prefixed and grant.resource == "topic"}
        assert all(beginning.startswith(f"{name}-") for beginning in named(name, "write", prefixed=True))
        assert not [topic for topic in load_topics() if topic.startswith(tuple(beginnings))]


def test_everything_is_never_granted() -> None:
    assert {name for name, principal in PEOPLE.items() if not principal.grants} == set(SUPER_USERS)
    assert "*" not in {grant.name for principal in PEOPLE.values() for grant in principal.grants}


@pytest.mark.parametrize("principal", [principal.name for principal in principals("shop-")])
def test_a_prefix_is_before_every_name(principal: str) -> None:
    grants = next(each for each in principals("shop-") if each.name == principal).grants

    assert all(grant.name.startswith("shop-") or grant.name == "footfall" for grant in grants)


def test_the_page_about_security_has_everybody_with_their_role_and_beginnings() -> None:
    page = (ROOT.parent / "docs" / "security.md").read_text().splitlines()
    rows = {line.split("`")[1]: line for line in page if line.startswith("| `") and line.count("|") == 5}

    for name, principal in PEOPLE.items():
        assert rows[name].endswith(f"| {principal.registry_role} |".replace("|  |", "| |"))
        assert all(f"`{grant.name}*`" in rows[name] for grant in principal.grants if grant.prefixed)
