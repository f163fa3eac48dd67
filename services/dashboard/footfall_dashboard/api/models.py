"""What the OpenAPI document says of every field."""

from typing import Any, Literal

from footfall_chassis.described import Described
from pydantic import Field

from footfall_dashboard.live.info import ChartKind, ColumnType, Group, Range
from footfall_dashboard.live.panel import State

TIME = "2026-03-01T12:00:00.000Z"


class ColumnModel(Described):
    """One column of a panel's rows."""

    name: str = Field(examples=["revenue"])
    """Its name, which is that of the stream's field where it shows one."""
    type: ColumnType = Field(examples=["money"])
    """What its values are: `time` is ISO 8601 in UTC with milliseconds and a Z; `money` is text, exact, in the currency of
    the row; `integer` a whole number; `ratio` a share, where 1 is all; `rate` a number by second; `seconds` a duration;
    `change` how many places up, null when it is new; `currency` an ISO 4217 code; `any` is what the row's own column
    `type` says. Any value but the row's first may be null: it is not known."""
    title: str = Field(examples=["Revenue"])
    """What people read above it."""


class ChartModel(Described):
    """How a panel is drawn."""

    kind: ChartKind = Field(examples=["line"])
    """Kind of picture."""
    x: str = Field(examples=["window_start"])
    """Column along the axis."""
    y: list[str] = Field(examples=[["revenue", "profit"]])
    """Columns that are drawn."""
    series: str | None = Field(examples=["currency"])
    """Column by which rows are told apart; null when all are of one kind."""


class PanelInfoModel(Described):
    """What a panel is, before any number."""

    id: str = Field(examples=["money"])
    """Its name in addresses."""
    title: str = Field(examples=["Revenue per minute"])
    """What people read above it."""
    group: Group = Field(examples=["money"])
    """Where on the page it belongs."""
    help: str = Field(examples=["Paid checkouts and refunds by the minute in which they happened."])
    """What is counted, in one plain sentence."""
    topics: list[str] = Field(examples=[["revenue_per_minute"]])
    """Topics whose rows it shows, without the prefix of this installation."""
    sql: list[str] = Field(examples=[["flink/sql/process/published/revenue_per_minute.sql"]])
    """Files that compute them."""
    range: Range = Field(examples=["last hour"])
    """What it shows when no range is asked for."""
    columns: list[ColumnModel]
    """What the values of a row are, in their order."""
    chart: ChartModel
    """How it is drawn."""


class PanelsModel(Described):
    """All panels in the page's order."""

    time_zone: str = Field(examples=["Europe/Berlin"])
    """The shop's time zone, in which its day begins; times in answers are UTC all the same."""
    panels: list[PanelInfoModel]
    """What each is."""


class PanelModel(Described):
    """A panel's rows and what they are worth."""

    id: str = Field(examples=["money"])
    """The panel's."""
    version: int = Field(examples=[1772366400000])
    """Number of its last change, larger than that of every earlier change of any panel; 0 for a range that was asked for."""
    state: State = Field(examples=["live"])
    """`live`; `stale`: nothing new comes; `empty`: there is nothing to show; `loading`: not everything has been read yet."""
    why: str | None = Field(examples=["No failed payment in the last hour."])
    """Why it is so, in one sentence; null when it is live and there is nothing to say."""
    since: str | None = Field(examples=[TIME])
    """Since when it is stale."""
    as_of: str | None = Field(examples=[TIME])
    """Event time that its newest row speaks of: the end of that window; null without a row."""
    final_until: str | None = Field(examples=[TIME])
    """No number of a window that ends by then can change any more; null while the job has not said."""
    begin: str | None = Field(alias="from", examples=[TIME])
    """Begin of the range shown; null for what has no range."""
    to: str | None = Field(examples=[TIME])
    """End of the range shown, which is not part of it."""
    rows: list[list[Any]] = Field(examples=[[[TIME, "EUR", "108.000000"]]])
    """The rows, their values in the order of the panel's columns."""


class RelatedItem(Described):
    """One related product."""

    product_id: str = Field(examples=["product-000042"])
    """Id of the related product."""
    score: float = Field(examples=[12.75])
    """How much it is related."""
    support: int = Field(examples=[17])
    """How often one user viewed both within half an hour."""
    rank: int = Field(examples=[1])
    """Place in the list: 1 is the most related."""


class RelatedModel(Described):
    """The recommender's answer, as it gave it."""

    product_id: str = Field(examples=["product-000007"])
    """Id of the product asked about."""
    model: Literal["co_view"] = Field(examples=["co_view"])
    """How the list was made."""
    as_of: str | None = Field(examples=[TIME])
    """Event time the answer speaks of; null when nothing is known about the product."""
    items: list[RelatedItem]
    """The related products by rank."""


UNAUTHORIZED = (401, "A token is needed.")
UNKNOWN = (404, "There is no such panel.")
WRONG = (422, "A parameter is wrong.")
BROKEN = (500, "Our fault.")
NOT_NOW = (503, "Not now; `detail` says why, and what to do.")
