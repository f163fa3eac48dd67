"""What a panel is, before any number: its title, topics, columns and how it is drawn."""

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from footfall_schemas.topics import topic

Group: TypeAlias = Literal["now", "money", "shoppers", "products", "stock", "events"]
Range: TypeAlias = Literal["last hour", "today", "newest"]
ColumnType: TypeAlias = Literal[
    "time", "money", "integer", "number", "ratio", "rate", "seconds", "text", "change", "currency", "any"
]
ChartKind: TypeAlias = Literal["numbers", "line", "area", "bars", "table", "funnel", "ranking"]

SQL = "flink/sql/process/published"


@dataclass(frozen=True)
class Column:
    """One column of a panel's rows."""

    name: str
    type: ColumnType
    """`money` is text, exact, in the currency of the row; `number` is text, exact; `ratio` is a share, where 1 is all; `rate`
    is by second; `change` is how many places up; `any` is what the row's own column `type` says."""
    title: str


@dataclass(frozen=True)
class Chart:
    """How a panel is drawn."""

    kind: ChartKind
    x: str = ""
    """Column along the axis, or that bars and lines of a table begin with."""
    y: tuple[str, ...] = ()
    """Columns that are drawn."""
    series: str | None = None
    """Column by which rows are told apart: one line or area each."""


@dataclass(frozen=True)
class PanelInfo:
    """One panel."""

    id: str
    title: str
    group: Group
    help: str
    """One sentence: what is counted, in plain words."""
    topics: tuple[str, ...]
    """Whose rows it shows."""
    range: Range
    """What it shows unless another is asked for."""
    columns: tuple[Column, ...]
    chart: Chart
    nothing: str
    """What there is none of when it is empty: no checkout, no view of a product."""
    sql: tuple[str, ...] = field(init=False)
    """Files that compute its topics, from the root of the repository."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "sql", tuple(sql_of(name) for name in self.topics if topic(name).has_view))


def sql_of(name: str) -> str:
    """Return the file that computes a topic, from the root of the repository."""
    return f"{SQL}/{name.replace('-', '_')}.sql"
