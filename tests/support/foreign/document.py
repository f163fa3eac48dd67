"""The table as the Java tests read it: JSON, one case a line; messages are deflated, for some are long."""

import base64
import json
import zlib
from pathlib import Path
from typing import Any

from support.foreign import Case, cases
from support.foreign.answers import answers
from support.foreign.case import without_docs

PATH = Path(__file__).parents[3] / "flink/connector/src/test/resources/foreign_inputs.json"


def text() -> str:
    """Return the document."""
    numbered = list(enumerate(cases(), 1))
    tables = {_table(case): _readers(case) for _, case in numbered}
    lines = [json.dumps(_case(case, number)) for number, case in numbered]
    return f'{{"tables": {json.dumps(tables)},\n"cases": [\n' + ",\n".join(lines) + "\n]}\n"


def _readers(case: Case) -> dict[str, Any]:
    return {"topics": list(case.readers), "schemas": [without_docs(reader) for reader in case.readers.values()]}


def _table(case: Case) -> str:
    return case.name if case.reader else case.topic


def _case(case: Case, number: int) -> dict[str, Any]:
    return {
        "name": case.name,
        "table": _table(case),
        "topic": case.topic,
        "answers": {path: {"status": status, "body": body} for path, (status, body) in answers(case, number).items()},
        "message": None
        if (message := case.wire(number)) is None
        else base64.b64encode(zlib.compress(message)).decode(),
        "value": None if case.value is None else plain(case.value),
        "reason": case.reason,
    }


def plain(value: Any) -> Any:
    """Return a value with JSON values only: bytes in base 64, times and decimals as text."""
    match value:
        case bytes():
            return base64.b64encode(value).decode()
        case dict():
            return {name: plain(item) for name, item in value.items()}
        case list():
            return [plain(item) for item in value]
        case bool() | int() | float() | None:
            return value
        case _ if hasattr(value, "hour"):
            return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        case _:
            return str(value)
