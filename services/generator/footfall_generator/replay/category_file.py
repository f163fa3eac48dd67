"""The categories that go with a UserBehavior file: a CSV file of category_id and parent_category_name."""

import csv
from pathlib import Path

from footfall_schemas.errors import PermanentError
from footfall_schemas.topics import Json

from footfall_generator.events.clock import moment

COLUMNS = ["category_id", "parent_category_name"]


class CategoryFileError(PermanentError, ValueError):
    """The file does not list categories; the message is one line that names it."""


def read_categories(path: Path) -> list[Json]:
    """Return the rows of `categories`, valid since 1970; the last row of a category counts.

    Raises:
        CategoryFileError: A line is not as expected.
        OSError: The file cannot be read.
    """
    found: dict[str, Json] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file)
            for fields in reader:
                if fields and fields != COLUMNS:
                    category = _category(fields, f"{path}: line {reader.line_num}")
                    found[category["category_id"]] = category
    except (UnicodeDecodeError, csv.Error) as error:
        raise CategoryFileError(f"{path}: not a CSV file in UTF-8: {error}") from error
    if not found:
        raise CategoryFileError(f"{path}: the file lists no category")
    return list(found.values())


def _category(fields: list[str], where: str) -> Json:
    texts = [text.strip() for text in fields]
    if len(texts) != len(COLUMNS) or not all(texts):
        raise CategoryFileError(f"{where}: expected {','.join(COLUMNS)}, found {','.join(fields)!r}")
    return {
        "category_id": texts[0],
        "updated_at": moment(0),
        "name": f"Category {texts[0]}",
        "parent_category_name": texts[1],
    }
