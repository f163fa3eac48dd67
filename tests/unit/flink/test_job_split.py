"""Which job has which view."""

import pytest
from footfall_analytics.planning.job_split import of_job
from footfall_analytics.planning.sqltext import PlanError


def view(name: str, *tables: str) -> tuple[str, str]:
    return name, f"CREATE TEMPORARY VIEW {name} AS SELECT 1 FROM {', '.join(tables)} -- not inventory_updates"  # noqa: S608


VIEWS = dict(
    [
        view("clicks", "shop_events"),
        view("counts", "clicks", "categories"),
        view("moves", "inventory_updates"),
        view("late__shop", "shop_events"),
        view("late__stock", "moves"),
        view("broken", "dimension_messages"),
        view("totals", "late"),
    ]
)


def test_a_view_belongs_to_the_job_of_the_events_it_reads() -> None:
    assert of_job(VIEWS, "stock").keys() == {"moves", "late__stock", "late", "totals"}
    assert of_job(VIEWS, "shop").keys() == {"clicks", "counts", "late__shop", "late", "broken", "totals"}
    assert of_job(VIEWS, "all").keys() == VIEWS.keys() | {"late"}


def test_the_parts_that_are_there_make_one_view() -> None:
    assert of_job(VIEWS, "stock")["late"] == "CREATE TEMPORARY VIEW late AS\nSELECT * FROM late__stock"
    assert of_job(VIEWS, "all")["late"].count("SELECT * FROM late__") == 2


def test_a_view_of_both_must_be_written_in_parts() -> None:
    both = VIEWS | dict([view("sum_of_all", "counts", "moves")])

    with pytest.raises(
        PlanError, match=r"process/sum_of_all\.sql reads inventory_updates and shop_events; write it in parts"
    ):
        of_job(both, "all")
