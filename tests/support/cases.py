"""Cases of the SQL, `tests/sql/<view>/<case>/case.yaml`: a few input rows, and the rows that the view must make of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

import yaml
from footfall_analytics.planning.tables import is_nullable
from footfall_schemas.topics import Json, Topic, load_topics

from support.written import moment, shown, typed, unordered

ROOT = Path(__file__).resolve().parents[1] / "sql"
KEYS = {"doc", "settings", "verbatim", "alone", "xfail", "where", "expect"}
_RAW = "raw"
_TOMBSTONE = "tombstone"
HEADERS = "headers"
"""Where a row has the headers of its record, by name; no field of an event is called so."""


@dataclass(frozen=True)
class Tombstone:
    """A message that deletes a row of a dimension: a key without a value."""

    key: Json
    when: datetime
    """When it was written, which is all that says when the row ended."""


Input: TypeAlias = Json | Tombstone | bytes | None
"""A row as Avro wants it, the deletion of one, or a message that is no row: its bytes, or none."""


class CaseError(ValueError):
    """A case file cannot be read; the message names the file and the place."""


@dataclass(frozen=True)
class Case:
    """One case."""

    view: str
    name: str
    doc: str
    inputs: dict[str, list[Input]]
    expected: list[Json]
    where: dict[str, list[Any]] = field(default_factory=dict)
    """Which rows of the view are looked at: those with one of these values in each of these columns."""
    settings: dict[str, str] = field(default_factory=dict)
    """Variables of the run, which cases with the same ones share."""
    verbatim: bool = False
    """Dates are taken as they are written, since the result depends on them."""
    alone: bool = False
    """The run is not shared and ids are taken as they are written: the result depends on them, or on all that is read."""
    xfail: str = ""

    @property
    def id(self) -> str:
        """Name of the case in the test's output."""
        return f"{self.view}/{self.name}"

    def differences(self, rows: Sequence[Json]) -> list[str]:
        """Return a line for each row that is missing or too many, given all rows of the view that the case caused."""
        surplus = self._relevant(rows)
        missing = []
        for row in self.expected:
            if row in surplus:
                surplus.remove(row)
            else:
                missing.append(row)
        return [f"missing {shown(row)}" for row in missing] + [f"surplus {shown(row)}" for row in surplus]

    def _relevant(self, rows: Sequence[Json]) -> list[Json]:
        columns = self.expected[0].keys() if self.expected else (rows[0].keys() if rows else ())
        looked_at = [row for row in rows if all(row[name] in values for name, values in self.where.items())]
        return [{name: unordered(row[name]) for name in columns} for row in looked_at]


@cache
def load_cases() -> list[Case]:
    """Return every case.

    Raises:
        CaseError: A file is not a case.
    """
    return [load_case(path) for path in sorted(ROOT.glob("*/*/case.yaml"))]


def load_case(path: Path) -> Case:
    """Return the case of a file.

    Raises:
        CaseError: It is none.
    """
    view, name = path.parent.parent.name, path.parent.name
    try:
        return _case(view, name, _yaml(path))
    except (ValueError, KeyError, TypeError, AttributeError, ArithmeticError, yaml.YAMLError) as error:
        raise CaseError(f"{path.relative_to(ROOT.parents[1])}: {error}") from error


def _case(view: str, name: str, document: Json) -> Case:
    events = {topic.name: topic for topic in load_topics().values() if not topic.is_output}
    if unknown := document.keys() - events.keys() - KEYS:
        raise ValueError(f"unknown {', '.join(sorted(unknown))}; there are {', '.join([*events, *sorted(KEYS)])}")
    outputs = {topic.view: topic for topic in load_topics().values() if topic.is_output}
    types = {item["name"]: item["type"] for item in outputs[view].schema["fields"]}
    expected = [{column: typed(types[column], text) for column, text in row.items()} for row in document["expect"]]
    if len({tuple(sorted(row)) for row in expected}) > 1:
        raise ValueError("every expected row must name the same columns")
    where = document.get("where", {})
    return Case(
        view=view,
        name=name,
        doc=document["doc"],
        inputs={name: _rows(topic, document[name]) for name, topic in events.items() if name in document},
        expected=expected,
        where={column: [typed(types[column], text) for text in _listed(values)] for column, values in where.items()},
        settings=document.get("settings", {}),
        verbatim=document.get("verbatim") == "true" or document.get("alone") == "true",
        alone=document.get("alone") == "true",
        xfail=document.get("xfail", ""),
    )


def _rows(topic: Topic, rows: Sequence[Mapping[str, Any]]) -> list[Input]:
    return [_row(topic, number, row) for number, row in enumerate(rows, start=1)]


def _row(topic: Topic, number: int, row: Mapping[str, Any]) -> Input:
    if _RAW in row:
        return None if row[_RAW] == "null" else bytes.fromhex(row[_RAW])
    if _TOMBSTONE in row:
        return Tombstone({name: row[name] for name in topic.key}, moment(row[_TOMBSTONE]))
    defaults = {name: text.format(n=number) for name, text in _defaults()[topic.name].items()}
    if unknown := row.keys() - set(topic.field_names) - {HEADERS}:
        raise ValueError(f"{topic.name} has no {', '.join(sorted(unknown))}")
    given = {**defaults, **row}
    needed = {item["name"] for item in topic.schema["fields"] if not is_nullable(item["type"])}
    if missing := needed - given.keys():
        raise ValueError(f"a row of {topic.name} needs {', '.join(sorted(missing))}")
    values = {item["name"]: typed(item["type"], given.get(item["name"], "null")) for item in topic.schema["fields"]}
    return values | ({HEADERS: given[HEADERS]} if HEADERS in given else {})


@cache
def _defaults() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = _yaml(ROOT / "defaults.yaml")
    return found


def _yaml(path: Path) -> Any:
    # Every scalar stays text: YAML would make 10:00 a number. The schema knows better.
    return yaml.load(path.read_text(), yaml.BaseLoader)  # noqa: S506, the loader that makes nothing but text


def _listed(values: Any) -> list[Any]:
    return values if isinstance(values, list) else [values]
