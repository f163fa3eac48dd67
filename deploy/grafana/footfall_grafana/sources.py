"""Where panels get their numbers: two data sources by fixed uids (made by provisioning/), and a query of each."""

from dataclasses import asdict, dataclass
from typing import Any, Self

from grafana_foundation_sdk.builders.prometheus import Dataquery as PrometheusBuilder
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.cog.runtime import DataqueryConfig, register_dataquery_variant
from grafana_foundation_sdk.cog.variants import Dataquery
from grafana_foundation_sdk.models.dashboard import DataSourceRef
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

POSTGRES = DataSourceRef(type_val="grafana-postgresql-datasource", uid="footfall-postgres")
PROMETHEUS = DataSourceRef(type_val="prometheus", uid="footfall-prometheus")


@dataclass
class PostgresQuery(Dataquery, Builder["PostgresQuery"]):
    """A query in SQL, which the library has no type of."""

    rawSql: str  # noqa: N815  Grafana's name
    format: str = "table"
    refId: str = "A"  # noqa: N815
    rawQuery: bool = True  # noqa: N815
    editorMode: str = "code"  # noqa: N815

    def build(self) -> "PostgresQuery":
        """Return itself: it is what the library calls a builder, too."""
        return self

    def to_json(self) -> dict[str, object]:
        """Return what Grafana reads."""
        return {**asdict(self), "datasource": POSTGRES.to_json()}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Return the query of a file."""
        return cls(**{name: value for name, value in data.items() if name != "datasource"})


def register_postgres() -> None:
    """Teach the library to read files with such queries."""
    register_dataquery_variant(DataqueryConfig(str(POSTGRES.type_val), PostgresQuery.from_json))


def rows(sql: str) -> PostgresQuery:
    """Ask for rows as they are."""
    return PostgresQuery(sql)


def series(sql: str) -> PostgresQuery:
    """Ask for rows of a time, a `metric` that names the line, and a value."""
    return PostgresQuery(sql, "time_series")


def over_time(expression: str, legend: str, ref: str = "A") -> PrometheusBuilder:
    """Ask for an expression's values over the range."""
    return _prometheus(expression, ref).range().legend_format(legend)


def now(expression: str, legend: str = "", ref: str = "A") -> PrometheusBuilder:
    """Ask for an expression's newest values."""
    return _prometheus(expression, ref).instant().legend_format(legend)


def _prometheus(expression: str, ref: str) -> PrometheusBuilder:
    query = PrometheusBuilder().expr(expression).ref_id(ref).format(PromQueryFormat.TIME_SERIES)
    return query.datasource(PROMETHEUS)
