"""The types of webhooks that there are: what each one's payload holds, as JSON Schema, and an example of it."""

import json
from functools import cache
from pathlib import Path
from typing import Any

Schema = dict[str, Any]

VERSION = 1


@cache
def schemas() -> dict[str, Schema]:
    """Return the JSON Schema (2020-12) of each type's payload, with its `examples`, in order of their names."""
    files = sorted(Path(__file__).parent.glob(f"*.v{VERSION}.json"))
    return {file.name.removesuffix(f".v{VERSION}.json"): json.loads(file.read_bytes()) for file in files}


@cache
def asked_for_by_name() -> frozenset[str]:
    """Return the types that an endpoint without a list of types does not get."""
    return frozenset(name for name, schema in schemas().items() if schema.get("x-asked-for-by-name"))


def example(name: str) -> dict[str, Any]:
    """Return a payload of a known type, as it could be sent."""
    # A copy: whoever gets it may fill in what they like.
    payload: dict[str, Any] = json.loads(json.dumps(schemas()[name]["examples"][0]))
    return payload
