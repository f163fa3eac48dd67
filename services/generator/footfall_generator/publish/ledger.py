"""The ledger: one JSON line for every message, in the order of emission, for whoever checks the results."""

import base64
import json
from typing import Any, TextIO

from footfall_schemas import codec
from footfall_schemas.topics import topic

from footfall_generator.events.partitions import partition_of
from footfall_generator.events.rows import Fault, Rows


class Ledger:
    """Writes lines with topic (without prefix), partition, key, record and fault.

    The record is JSON as `codec.to_json` makes it. A poison line has no record but the message itself in `value`, in
    base64, or null for a tombstone.

    Args:
        out: Where lines go.
        partitions: How many partitions each topic has.
    """

    def __init__(self, out: TextIO, partitions: dict[str, int]) -> None:
        self._out = out
        self._partitions = partitions

    def write(self, rows: Rows) -> None:
        """Note the messages."""
        lines = zip(rows.keys.tolist(), rows.values.tolist(), rows.faults.tolist(), strict=True)
        self._out.writelines(self._line(rows.topic, key, value, Fault(fault)) for key, value, fault in lines)

    def _line(self, name: str, key: bytes, value: bytes | None, fault: Fault) -> str:
        line: dict[str, Any] = {
            "topic": name,
            "partition": partition_of(key, self._partitions[name]),
            "key": key.decode(),
            "fault": fault.name.lower(),
        }
        if fault is Fault.POISON:
            line["value"] = None if value is None else base64.b64encode(value).decode()
        else:
            line["record"] = codec.to_json(codec.decode(value or b"", topic(name).schema))
        return json.dumps(line, ensure_ascii=False) + "\n"
